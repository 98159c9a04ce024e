"""The merge and the proof of it: for what is staged, and for what is taken out again."""
