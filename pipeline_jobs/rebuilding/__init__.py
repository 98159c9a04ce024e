"""A feed's tables beside those that it has: what its archive gives today, compared, and put in their place."""
