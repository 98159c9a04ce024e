"""A contract drafted from a file: what stands in it, what that is evidence of, and how the contract would say it."""
