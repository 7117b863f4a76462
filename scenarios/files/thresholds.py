"""What a run is held against: each threshold names a KPI, and its limit is in that KPI's unit."""

from collections.abc import Mapping

from scenarios.errors import show
from scenarios.files.limits import parse_limit
from scenarios.files.nodes import Loc
from scenarios.files.references import Checker


def check_thresholds(c: Checker, thresholds: Mapping[str, str]) -> None:
    """Faults of the thresholds of a scenario file."""
    if not thresholds:
        return
    from plants.kpis.registry import kpis  # late: a file without thresholds does not need them

    for name, text in thresholds.items():
        loc: Loc = ("thresholds", name)
        head, _, place = name.partition(".")
        known = kpis().get(head)
        if known and known.by == "line" and place and c.index.lines:
            c.ref(loc, place, c.index.lines, "line", key=True)
        elif not known or (place and not known.by):
            c.ref(loc, name, [k for k in kpis() if k != name], "KPI", key=True)
        if known:
            _limit(c, loc, text, known.unit)


def _limit(c: Checker, loc: Loc, text: str, unit: str) -> None:
    """A limit in the KPI's unit: shares between 0 and 100 %, per cent of nothing else."""
    _, limit = parse_limit(text)
    if unit != "share" and "%" in text:
        c.fault(loc, f"{show(text)} is a share, and the KPI is in {unit}. allowed: a number in {unit}, without '%'")
    elif unit == "share" and not 0 <= limit <= 1:
        c.fault(loc, f"{show(text)} is no share: it stands for {limit * 100:g} %. allowed: from 0 % to 100 %")
