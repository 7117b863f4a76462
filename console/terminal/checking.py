"""`check`, the part that says what was found: findings of the logic, and what the network can do at best."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from console.answer import tell

if TYPE_CHECKING:
    from scenarios.feasibility.bounds import Bounds
    from scenarios.feasibility.checks import Finding


@dataclass
class Report:
    """One file: its findings and, for a scenario, its bounds. unmet: valid, but something cannot be met."""

    file: str
    kind: str
    findings: "list[Finding]" = field(default_factory=list)
    bounds: "Bounds | None" = None

    @property
    def unmet(self) -> bool:
        beyond = self.bounds is not None and self.bounds.servable is not None
        short = beyond and self.bounds is not None and (self.bounds.servable or 0) < self.bounds.orders_total
        return short or any(f.level == "error" for f in self.findings)

    @property
    def warned(self) -> bool:
        return any(f.level == "warning" for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        from dataclasses import asdict

        return {
            "file": self.file,
            "kind": self.kind,
            "findings": [asdict(f) for f in self.findings],
            "bounds": asdict(self.bounds) if self.bounds else None,
            "unmet": self.unmet,
        }


def examine(file: str) -> Report:
    """Load a file and look at its logic. Raises InputError."""
    from scenarios.feasibility.bounds import bounds
    from scenarios.feasibility.checks import check_scenario
    from scenarios.files.loader import kind_of, load_network, load_scenario

    if kind_of(file) == "network":
        return Report(file, "network", check_scenario(load_network(file)))
    loaded = load_scenario(file)
    return Report(file, "scenario", check_scenario(loaded), bounds(loaded.scenario))


def print_report(report: Report) -> None:
    """The file and its verdict, then below it, indented, findings one per line and the bounds."""
    colours = {"error": "red", "warning": "yellow"}
    verdict = "valid, but not everything in it can be met" if report.unmet else f"a valid {report.kind}"
    tell(f"{report.file}: {verdict}")
    for finding in report.findings:
        tell(f"  {click.style(finding.level, fg=colours.get(finding.level))}: {finding}")
    if report.bounds is not None and (report.bounds.servable is not None or not report.findings):
        for line in report.bounds.lines():
            tell(f"  {line}")
