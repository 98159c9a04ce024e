"""From text cells to typed rows and verdicts, the same on every engine."""
