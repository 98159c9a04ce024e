"""Files tried against a contract: the job itself, over a lake of their own and the embedded engine."""
