"""`plantsync doctor` and `plantsync version`: what is installed, and whether it is ours and whole."""

import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.answer import emit, tell
from console.exits import Exit
from console.versions import dependencies, own_version, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plants.errors import ExtensionError
    from plants.extensions import Group

PACKAGES = ("sim", "plants", "sync", "bridges", "scenarios", "console")
LEAST_PYTHON = (3, 11)
# What other packages bring: the group, the registry that reads it, and whether a broken one stops every run.
BROUGHT: "tuple[tuple[Group, str, bool], ...]" = (
    ("plantsync.disruptions", "plants.disruptions.kinds", True),
    ("plantsync.systems", "plants.systems.registry", True),
    ("plantsync.kpis", "plants.kpis.registry", False),
    ("plantsync.importers", "scenarios.importers.registry", False),
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. required: without it plantsync does not work."""

    name: str
    ok: bool
    found: str
    required: bool = True


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def version(as_json: bool) -> None:
    """Print the version; with --json also those of Python and the dependencies."""
    if as_json:
        emit(versions())
    else:
        tell(f"plantsync {own_version()}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def doctor(as_json: bool) -> int:
    """Check that everything needed is here. Exit 6 when something required is missing."""
    findings = examine()
    healthy = all(f.ok for f in findings if f.required)
    if as_json:
        emit({"ok": healthy, "versions": versions(), "checks": [asdict(f) for f in findings]})
    else:
        width = max(len(f.name) for f in findings)
        for f in findings:
            mark = click.style("ok     ", fg="green") if f.ok else click.style(*(_bad(f)))
            tell(f"{mark} {f.name:<{width}}  {f.found}")
        tell("everything required is here" if healthy else "something required is missing, see above")
    return Exit.OK if healthy else Exit.CONNECTION


def _bad(finding: Finding) -> tuple[str, str]:
    return ("MISSING", "red") if finding.required else ("absent ", "yellow")


def examine() -> list[Finding]:
    """Everything the doctor looks at, in the order it is told."""
    return [_python(), *_dependencies(), *_ours(), _floor(), _solver(), _broker(), _writable(Path("runs")), *_brought()]


def _python() -> Finding:
    least = ".".join(map(str, LEAST_PYTHON))
    return Finding("Python", sys.version_info >= LEAST_PYTHON, f"{sys.version.split()[0]} (needs {least} or newer)")


def _dependencies() -> list[Finding]:
    return [Finding(name, bool(found), found or f"pip install {name}") for name, found in dependencies().items()]


def _ours() -> list[Finding]:
    """Flat package names could meet a stranger of the same name: each must lie beside this one."""
    root = Path(__file__).resolve().parents[2]
    findings = []
    for name in PACKAGES:
        try:
            file = getattr(import_module(name), "__file__", None)
        except ImportError as fault:
            findings.append(Finding(f"package {name}", False, f"cannot be imported: {fault}"))
            continue
        ours = file is not None and Path(file).resolve().parent.parent == root
        findings.append(Finding(f"package {name}", ours, "ours" if ours else f"a stranger: {file}"))
    return findings


def _floor() -> Finding:
    from sim.ahead.active import active
    from sim.errors import FloorError

    try:
        return Finding("machine floor", True, str(active()))
    except FloorError as fault:  # only where the environment asks for what cannot be had
        return Finding("machine floor", False, str(fault))


def _solver() -> Finding:
    try:
        import highspy

        from sync.shell.solver import silent

        return Finding("HiGHS", True, f"loads, version {silent(highspy).version()}")
    except Exception as fault:  # a broken shared library raises whatever it likes
        return Finding("HiGHS", False, f"does not load: {fault}")


def _broker() -> Finding:
    import shutil
    from importlib.util import find_spec

    if path := shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin"):
        return Finding("MQTT broker", True, f"mosquitto ({path})", required=False)
    if find_spec("amqtt"):
        return Finding("MQTT broker", True, "amqtt, in process", required=False)
    hint = "neither mosquitto nor amqtt: `serve` needs --broker URL, or pip install amqtt"
    return Finding("MQTT broker", False, hint, required=False)


def _writable(folder: Path) -> Finding:
    import os

    place = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    ok = place.is_dir() and os.access(place, os.W_OK)
    return Finding(f"{folder}/", ok, "can be written" if ok else f"{place} cannot be written; use --out")


def _brought() -> list[Finding]:
    """What other packages bring by entry points, group by group."""
    from plants.extensions import offered

    findings = []
    for group, registry, required in BROUGHT:
        offers = offered(group)
        faults = {fault.source: fault.why for fault in _refused(registry, required)} if offers else {}
        if not offers:
            findings.append(Finding(group, True, "no package brings any", required=False))
        for offer in offers:
            said = faults.get(str(offer), "its group is not read further" if faults and required else "")
            found = f"{offer.package}, {offer.point.value}{f': {said}' if said else ''}"
            findings.append(Finding(f"{group} {offer.point.name}", not said, found, required))
    return findings


def _refused(registry: str, required: bool) -> "Sequence[ExtensionError]":
    """What a registry cannot use; one that goes without nothing names the first of them when it is imported."""
    from plants.errors import ExtensionError

    try:
        read = import_module(registry)
        return () if required else read.refused()
    except ExtensionError as fault:
        return [fault]
