"""The trace: every fired event as a 32-byte record, and one digest over all of them.

Records are hashed in blocks with XXH3-128, each block chained to the one before; SHA-256 runs only over the digests of
the components and that of the SimPy events, so tracing stays in the noise. A record is, little-endian: time (f64),
number in its own trace from 1 (i64), aux (i32), unit (u16), kind (u8), state (u8), value (i64).
"""

import hashlib
from importlib import import_module
from typing import Any

import numpy as np
import xxhash

RECORD = np.dtype(
    [
        ("time", "<f8"),
        ("number", "<i8"),
        ("aux", "<i4"),
        ("unit", "<u2"),
        ("kind", "u1"),
        ("state", "u1"),
        ("value", "<i8"),
    ]
)
# what a component tells in its diary (sim.ahead): that `what` became of `number` at `time`
NOTE = np.dtype([("time", "<f8"), ("what", "<i4"), ("number", "<i4")])
_BLOCK = 4096


class Trace:
    """What has fired in an environment: its SimPy events (`recorder`) and the components of its floor."""

    def __init__(self, floor: Any, compiled: bool, tracing: bool = True) -> None:
        self.floor, self.tracing = floor, tracing
        self.recorder: Any = import_module("sim.ahead.leaf" if compiled else "sim.ahead.twin").Recorder()
        self.recorder.trace(tracing)

    @property
    def fired(self) -> int:
        """Fired events so far: those of SimPy and the time advances of the floor."""
        return int(self.recorder.records + self.floor.fired())

    def keep(self) -> None:
        """Also keep the raw records of SimPy events, for looking at them (`records`)."""
        self.recorder.trace(True, True)

    def records(self) -> Any:
        """SimPy events kept since the last call, as an array of RECORD (kind 1 Event, 2 Timeout, 3 Process, 4
        Initialize, 5 Interruption; state is the priority)."""
        return np.frombuffer(self.recorder.take_kept(), dtype=RECORD)

    def digest(self) -> str:
        """Hex SHA-256 over the digests of the components, in slot order, and that of the SimPy events."""
        whole = hashlib.sha256()
        for each in (*self.floor.digests(), self.recorder.digest()):
            whole.update(each)
        return whole.hexdigest()


class Digest:
    """A digest over named lines of text: the same SHA-256 over XXH3 blocks, for records that are not events."""

    def __init__(self) -> None:
        self._pending: list[str] = []
        self._blocks = hashlib.sha256()

    def add(self, line: str) -> None:
        self._pending.append(line)
        if len(self._pending) >= _BLOCK:
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            self._blocks.update(xxhash.xxh3_128_digest("\n".join(self._pending).encode()))
            self._pending.clear()

    def hexdigest(self) -> str:
        """Hex SHA-256 over all lines so far."""
        self._flush()
        return self._blocks.hexdigest()
