"""The trace: every fired event as a 32-byte record, and one digest over all of them.

Records are hashed in blocks with XXH3-128; SHA-256 runs only over the block digests, so tracing stays in the noise.
"""

import hashlib
import struct

import xxhash

_RECORD = struct.Struct("<dQQQ")  # time (s), number of the firing, kind of event, priority
_BLOCK = 4096


class Trace:
    """Counts and digests fired events. `keep=True` also stores the raw records, for looking at them."""

    def __init__(self, keep: bool = False) -> None:
        self.fired = 0
        self.kept: list[bytes] | None = [] if keep else None
        self._pending: list[bytes] = []
        self._blocks = hashlib.sha256()

    def record(self, time_s: float, kind: int, priority: int) -> None:
        """Note that an event of `kind` fired at `time_s`."""
        self.fired += 1
        self._pending.append(_RECORD.pack(time_s, self.fired, kind, priority))
        if len(self._pending) == _BLOCK:
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            block = b"".join(self._pending)
            self._blocks.update(xxhash.xxh3_128_digest(block))
            if self.kept is not None:
                self.kept.append(block)
            self._pending.clear()

    def digest(self) -> str:
        """Hex SHA-256 over everything fired so far."""
        self._flush()
        return self._blocks.hexdigest()


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
