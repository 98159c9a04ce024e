"""How people write values: numbers in groups and with marks, the names of months."""
