"""A signal change: one observed machine value, with the id and the source time it keeps on every wire format."""

import msgspec

Value = int | float | str | bool

# What the machine floor calls a state, and the PackML (ANSI/ISA-TR88.00.02) state every wire format carries for it.
PACKML: dict[str, str] = {
    "idle": "Idle",
    "setup": "Starting",
    "working": "Execute",
    "blocked": "Suspended",
    "starved": "Suspended",
    "down": "Aborted",
    "maintenance": "Stopped",
    "off-shift": "Stopped",
}


class Change(msgspec.Struct, frozen=True):
    """id: unique in a run (`<line>/<n>`); time_ms: source time, ms since start; signal: `lyon.L1.press.state`."""

    id: str
    time_ms: int
    signal: str
    value: Value
    quality: str = "good"
