"""`check`, drawn: the verdict on a file, its findings, and what the network can do at best."""

from typing import TYPE_CHECKING

import click

from console.answer import tell

if TYPE_CHECKING:
    from scenarios.feasibility.verdict import Verdict


def print_verdict(verdict: "Verdict") -> None:
    """The file and the verdict on it, then below it, indented, findings one per line and the bounds."""
    colours = {"error": "red", "warning": "yellow"}
    said = "valid, but not everything in it can be met" if verdict.unmet else f"a valid {verdict.kind}"
    tell(f"{verdict.file}: {said}")
    for finding in verdict.findings:
        tell(f"  {click.style(finding.level, fg=colours.get(finding.level))}: {finding}")
    if verdict.bounds is not None and (verdict.bounds.servable is not None or not verdict.findings):
        for line in verdict.bounds.lines():
            tell(f"  {line}")
