"""Sample files of a made-up shop, and the tables that they must become."""
