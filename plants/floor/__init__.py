"""Lines: machines in series, or a plain rate."""
