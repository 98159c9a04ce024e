"""`ingest retract`, `replay` and `maintain`: what people have a feed's job do."""
