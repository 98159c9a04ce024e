"""What the sweep looks for, beside landing: what waits, what is untold, what is missing."""
