"""The cloud on one machine: storage, event delivery, Jobs API; `python -m local` has the commands."""
