"""The classes of SimPy's events, as numbers for the trace. Any other class is 0."""

from simpy.events import Event, Initialize, Interruption, Process, Timeout

KINDS: dict[type, int] = {Event: 1, Timeout: 2, Process: 3, Initialize: 4, Interruption: 5}
