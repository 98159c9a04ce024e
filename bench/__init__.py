"""What the product costs beside code that people write by hand: `make bench`."""
