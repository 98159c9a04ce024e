"""The whole product in one process, stepped by a history: what may go wrong, and a judge of its own."""
