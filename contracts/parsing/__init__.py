"""From a YAML document to the values of a contract."""
