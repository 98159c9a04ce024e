"""Deliberately wrong variants of the product, one at a time, each killed by a test that is named for it."""
