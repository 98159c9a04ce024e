"""One narrow adapter per engine; nothing else knows an engine or Delta."""
