"""A week of a shop acted out on the local stack, and every table checked at the end."""
