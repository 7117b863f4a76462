"""The verdict of `check` on a file: what was found in its logic, what it can do at best, whether all can be met.

A file that cannot be read has no verdict; the loader refuses it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scenarios.feasibility.bounds import Bounds, bounds
from scenarios.feasibility.checks import Finding, check_scenario
from scenarios.files.loader import kind_of, load_network, load_scenario


@dataclass
class Verdict:
    """One file: its findings and, for a scenario, its bounds. unmet: valid, but something cannot be met."""

    file: str
    kind: str
    findings: list[Finding] = field(default_factory=list)
    bounds: Bounds | None = None

    @property
    def unmet(self) -> bool:
        of = self.bounds
        short = of is not None and of.servable is not None and of.servable < of.orders_total
        return short or any(f.level == "error" for f in self.findings)

    @property
    def warned(self) -> bool:
        return any(f.level == "warning" for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "kind": self.kind,
            "findings": [asdict(f) for f in self.findings],
            "bounds": asdict(self.bounds) if self.bounds else None,
            "unmet": self.unmet,
        }


def examine(file: str, sets: Sequence[str] = ()) -> Verdict:
    """Load a file, `sets` put over it, and look at its logic. Raises InputError."""
    if kind_of(file) == "network":
        return Verdict(file, "network", check_scenario(load_network(file, sets)))
    loaded = load_scenario(file, sets)
    return Verdict(file, "scenario", check_scenario(loaded), bounds(loaded.scenario))
