"""What arrives is data: contracts, names, cells and requests that nobody would write, and what must hold of each."""
