"""The table: one row per measure, with what the issue demands of it and whether this run kept it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.agree import Comparison, Identity
from bench.race import Spread

HEADINGS = ("measure", "ours", "peer", "ratio", "must", "aim", "verdict")


@dataclass(frozen=True)
class Target:
    """What a figure must be and is meant to be. sense: `>=` or `<=`; form: how a bound is written, as `{:g}x`."""

    sense: str
    must: float
    aim: float
    form: str = "{:g}x"

    def kept(self, value: float, bound: float) -> bool:
        return value >= bound if self.sense == ">=" else value <= bound

    def verdict(self, value: float) -> str:
        """`aim`, `must` (the aim is missed) or `MISSED`."""
        if self.kept(value, self.aim):
            return "aim"
        return "must" if self.kept(value, self.must) else "MISSED"

    def shown(self, bound: float) -> str:
        return f"{self.sense} {self.form.format(bound)}"


@dataclass(frozen=True)
class Row:
    """One line of the table. value: what the target judges (a ratio's median, or a figure of ours); None: nothing was
    measured, and `note` says why. figures: the raw numbers, for `--json`."""

    measure: str
    ours: str = "-"
    peer: str = "-"
    ratio: Spread | None = None
    value: float | None = None
    target: Target | None = None
    note: str = ""
    comparisons: tuple[Comparison | Identity, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        return all(c.agrees for c in self.comparisons)

    def verdict(self, judged: bool = True) -> str:
        """What to write in the last column; a quick run judges nothing."""
        if not self.agrees:
            return "DISAGREE"
        if self.value is None:
            return "not measured"
        if self.target is None:
            return ""
        return self.target.verdict(self.value) if judged else "not judged"

    def cells(self, judged: bool = True) -> tuple[str, ...]:
        must = self.target.shown(self.target.must) if self.target else ""
        aim = self.target.shown(self.target.aim) if self.target else ""
        ratio = shown(self.ratio) if self.ratio and self.agrees else "-"
        return (self.measure, self.ours, self.peer, ratio, must, aim, self.verdict(judged))


def shown(s: Spread) -> str:
    """`31.2x [29.8..33.0]`."""
    return f"{figure(s.median)}x [{figure(s.low)}..{figure(s.high)}]"


def figure(value: float) -> str:
    """Three digits: enough to compare, none that noise decides."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ns(s: Spread) -> str:
    """`43.1 ns`."""
    return f"{figure(s.median)} ns"


def plain(rows: Sequence[Row], judged: bool = True) -> str:
    """The table as plain text, notes and disagreements below it."""
    table = [HEADINGS, *(row.cells(judged) for row in rows)]
    widths = [max(len(line[n]) for line in table) for n in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines += [f"{row.measure}: {row.note}" for row in rows if row.note]
    lines += [f"{row.measure}: {c.told()}" for row in rows for c in row.comparisons if not c.agrees]
    return "\n".join(lines)


def document(rows: Sequence[Row], about: dict[str, Any], judged: bool = True) -> str:
    """The same as one JSON document; about: the machine and the run."""
    return json.dumps({**about, "rows": [_row(row, judged) for row in rows]}, indent=1)


def _row(row: Row, judged: bool) -> dict[str, Any]:
    return {
        "measure": row.measure,
        "ours": row.ours,
        "peer": row.peer,
        "ratio": asdict(row.ratio) if row.ratio and row.agrees else None,
        "value": row.value if row.agrees else None,
        "target": asdict(row.target) if row.target else None,
        "verdict": row.verdict(judged),
        "note": row.note,
        "figures": row.figures,
        "agreement": [{**asdict(c), "agrees": c.agrees} for c in row.comparisons],
    }
