"""A merge on files: which of a table's a batch touches, what is written in their place, and the one commit for all."""
