"""The sync engine: turns messages into decisions exactly once. Knows no simulator."""
