"""Ranks of what is planned for one instant, within a priority: what ends first, then what begins, all others, and AFTER
last. See sim.environment; they stand apart because who only names one needs no SimPy."""

ENDS, BEGINS, ORDINARY, AFTER = -(1 << 62), -(1 << 61), 0, 1 << 61
