"""Explain: why an order was late, moved or never served, and why a decision was taken, from what a run recorded.

The answer is a chain - when, who knew, what - then what else could have been done at what cost, and what would have to
change. It tells only what the run recorded or what the network's files say; it never simulates again.
"""

import difflib
from dataclasses import dataclass, field
from typing import Any

from scenarios.answers.wording import plural
from scenarios.errors import UnknownName
from scenarios.runs.results import RunResult


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
        from scenarios.answers.wording import moment

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


def explain(run: RunResult, name: str, *, way: str = "synced", rep: int = 0, why_not: str | None = None) -> Explanation:
    """Explain an order (customer, transfer, production, purchase) or a decision. Raises UnknownName."""
    from scenarios.answers.explain.decision import explain_decision
    from scenarios.answers.explain.facts import Facts
    from scenarios.answers.explain.order import explain_order

    try:
        facts = Facts(run, run.replication(way, rep))
    except LookupError as fault:
        hint = f". add --way {next(iter(run.ways))}" if way not in run.ways and run.ways else ""
        raise UnknownName(f"{fault.args[0]}{hint}") from None
    known = {n.casefold(): n for n in [*facts.decisions, *facts.orders]}
    found = known.get(name.casefold())
    if found in facts.decisions:
        return explain_decision(facts, found, why_not)
    if found is not None:
        return explain_order(facts, found, why_not)
    close = difflib.get_close_matches(name.casefold(), known, 1, 0.5)
    guess = f" did you mean '{known[close[0]]}'?" if close else ""
    raise UnknownName(
        f"no order or decision '{ascii(name)[1:-1]}' in {run.id} ({way}, replication {rep}):"
        f" it has {plural(len(facts.orders), 'order')} and {plural(len(facts.decisions), 'decision')}.{guess}"
    )
