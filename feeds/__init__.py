"""The feeds: one contract document each, and what both the function and the job read from it."""
