"""The engine's pure core: no clock, no I/O, no randomness, integers only."""
