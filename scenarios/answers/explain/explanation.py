"""What an explanation is made of: the chain of causes, titled parts, and the whole as it is drawn or printed."""

from dataclasses import dataclass, field
from typing import Any

from scenarios.answers.wording import moment


@dataclass(frozen=True)
class Link:
    """One row of the chain of causes. time_ms -1: at no particular time. rank: its place within one instant."""

    time_ms: int
    who: str
    what: str
    rank: int = 0


@dataclass
class Section:
    """A titled part: sentences, then a table. `records`: the same rows as data, for --json."""

    key: str
    title: str
    sentences: list[str] = field(default_factory=list)
    heads: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"title": self.title, "sentences": self.sentences}
        if self.heads:
            found["rows"] = self.records or [dict(zip(self.heads, row, strict=True)) for row in self.rows]
        return found


@dataclass
class Explanation:
    """The whole answer. kind: order or decision; name: its id; chain: the causes in time; summary: the short answer."""

    kind: str
    name: str
    way: str
    rep: int
    title: str
    summary: list[str] = field(default_factory=list)
    chain: list[Link] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)

    @property
    def sections(self) -> list[Section]:
        """Everything below the summary: the chain first, empty parts left out."""
        rows: list[tuple[str, ...]] = [(moment(link.time_ms), link.who, link.what) for link in self.chain]
        chain = Section("chain", "What happened", heads=("when", "who", "what"), rows=rows)
        return [s for s in (chain, *self.parts) if s.rows or s.sentences]

    def to_json(self) -> dict[str, Any]:
        """One JSON document: the chain and every part under its key."""
        return {
            "kind": self.kind,
            "name": self.name,
            "way": self.way,
            "replication": self.rep,
            "title": self.title,
            "summary": self.summary,
            "chain": [{"time_ms": c.time_ms, "who": c.who, "what": c.what} for c in self.chain],
            **{part.key: part.to_json() for part in self.parts},
        }
