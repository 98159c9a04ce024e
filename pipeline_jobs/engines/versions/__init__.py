"""What a table was at its versions, and what changed between two of them: an adapter per format's reader."""
