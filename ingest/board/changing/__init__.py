"""What the pages have a feed's job do, where they were allowed to: a preview, a form, the run."""
