"""Time, events, random streams and the trace. Knows no factory word."""
