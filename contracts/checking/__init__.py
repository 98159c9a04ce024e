"""What can be known to be wrong with contracts before a file comes."""
