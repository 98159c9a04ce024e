"""The tables in other warehouses than the catalog's."""
