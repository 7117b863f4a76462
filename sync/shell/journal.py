"""The journal: every fact, in the order the engine took it, each chained to the one before.

h(n) = SHA-256(h(n-1), time, kind, canonical JSON of fact n). In memory here; the port is what a durable journal
implements.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import msgspec

from sync.core.facts import Base, Fact
from sync.core.spelling import canonical

_DECODER: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(Fact)


@dataclass(frozen=True)
class Entry:
    """number from 1; kind: the fact's tag (message | ack | drafted | plan.improved | concluded | ...); text: canonical
    JSON of the fact; chain: h(number)."""

    number: int
    time_ms: int
    kind: str
    text: str
    chain: str


class Journal(Protocol):
    """Append-only."""

    def append(self, time_ms: int, fact: Base) -> Entry: ...

    def entries(self) -> list[Entry]: ...

    def head(self) -> str: ...


def fact_of(entry: Entry) -> Fact:
    """The fact an entry holds. Raises msgspec.MsgspecError for a text that is none."""
    return _DECODER.decode(entry.text)


def link(head: str, time_ms: int, kind: str, text: str) -> str:
    """The chain value of a fact that follows `head`."""
    return hashlib.sha256(f"{head}\n{time_ms}\n{kind}\n{text}".encode()).hexdigest()


class MemoryJournal:
    """A list, with a chain."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._head = hashlib.sha256(b"").hexdigest()

    def append(self, time_ms: int, fact: Base) -> Entry:
        text, kind = canonical(fact).decode(), str(fact.__struct_config__.tag)
        self._head = link(self._head, time_ms, kind, text)
        entry = Entry(len(self._entries) + 1, time_ms, kind, text, self._head)
        self._entries.append(entry)
        return entry

    def entries(self) -> list[Entry]:
        return list(self._entries)

    def head(self) -> str:
        return self._head


def first_bad(entries: list[Entry]) -> int:
    """Number of the first entry whose chain does not fit its content; 0 when all do."""
    head = hashlib.sha256(b"").hexdigest()
    for entry in entries:
        head = link(head, entry.time_ms, entry.kind, entry.text)
        if head != entry.chain:
            return entry.number
    return 0
