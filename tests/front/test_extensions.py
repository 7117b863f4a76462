"""What other packages bring and cannot be used is named: with exit 6 where nothing goes on without it, else beside the
rest, which is as it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from console.commands.about import BROUGHT
from plants.extensions import Group
from tests.common.plugins import brought, environment

HALF = """
from scenarios.importers.registry import Options, importer

@importer("acme", Options, "a folder")
def acme(src, out, options):
    '''Half of an importer.'''

raise OSError("its data are gone")
"""
WHOLE = HALF.partition("raise")[0]
PLAIN = """
from dataclasses import dataclass
from scenarios.importers.registry import Options, importer

@importer("acme", dataclass(frozen=True)(type("Days", (Options,), {"__annotations__": {"days": int}, "days": 3})), "")
def acme(src, out, options):
    '''An option that says nothing.'''
"""


def plantsync(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line of a Python in which the package in `folder` is installed."""
    command = [sys.executable, "-m", "console.cli", *words]
    return subprocess.run(command, env=environment(folder), cwd=folder, capture_output=True, text=True, check=False)


def found_by_the_doctor(folder: Path) -> tuple[int, dict[str, tuple[bool, str]]]:
    """(exit code, what each check of other people's says)."""
    done = plantsync(folder, "doctor", "--json")
    checks = {c["name"]: (c["ok"], c["found"]) for c in json.loads(done.stdout)["checks"]}
    return done.returncode, {name: said for name, said in checks.items() if name.startswith("plantsync.")}


@pytest.mark.parametrize("group", ["disruptions", "systems"])
def test_a_kind_or_system_that_cannot_be_used_stops_whatever_reads_files_with_exit_6(
    group: str, tmp_path: Path
) -> None:
    folder = brought(tmp_path, "odd", "x = 1", **{group: "b = odd:x\na = plants.errors:nothing\nc = odd:x"})
    done = plantsync(folder, "check", "line-stoppage")
    why = "AttributeError: module 'plants.errors' has no attribute 'nothing'"
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr == f"the entry point a = plants.errors:nothing cannot be used: {why}\n"
    code, found = found_by_the_doctor(folder)
    assert code == 6 and found[f"plantsync.{group} a"] == (False, f"plugin 1.0, plants.errors:nothing: {why}")
    assert found[f"plantsync.{group} b"] == (False, "plugin 1.0, odd:x: its group is not read further")


def test_a_kpi_that_cannot_be_used_is_known_to_the_doctor_and_stops_nothing(tmp_path: Path) -> None:
    folder = brought(tmp_path, "odd", "x = 1", kpis="otif = plants.kpis.service:otif\nx = odd:x")
    code, found = found_by_the_doctor(folder)
    assert code == 0 and found["plantsync.kpis x"] == (
        False,
        "plugin 1.0, odd:x: it is of type int. allowed: a plants.kpis.kpi.Kpi",
    )
    assert found["plantsync.kpis otif"][1].endswith("there is a KPI otif already. allowed: another name")
    assert plantsync(folder, "check", "line-stoppage").returncode == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HALF, "OSError: its data are gone"),
        ("x = 1", "there is no importer in it. allowed: a module with a function under @importer"),
        (WHOLE.replace('"acme"', '"brunel"'), "ValueError: two importers are called brunel"),
        (PLAIN, "ValueError: importer acme: days is not made by option()"),
    ],
)
def test_an_importer_that_cannot_be_used_is_refused_when_it_is_asked_for_and_ours_work(
    text: str, why: str, tmp_path: Path
) -> None:
    folder = brought(tmp_path, "odd", text, importers="acme = odd")
    for words in (("src", "-o", "out", "--days", "3"), ("--help",), ()):
        done = plantsync(folder, "import", "acme", *words)
        assert done.returncode == 6 and done.stderr.startswith(f"the entry point acme = odd cannot be used: {why}")
    listed = plantsync(folder, "import", "--help")
    assert listed.returncode == 0 and "brunel" in listed.stdout and "acme    the entry point acme" in listed.stdout
    assert plantsync(folder, "import", "brunel", "--help").stdout.startswith("Usage: plantsync import brunel")
    code, found = found_by_the_doctor(folder)
    ok, said = found["plantsync.importers acme"]
    assert code == 0 and not ok and said.startswith(f"plugin 1.0, odd: {why}")


def test_the_doctor_names_what_is_whole_with_its_package_and_every_group(tmp_path: Path) -> None:
    code, found = found_by_the_doctor(brought(tmp_path, "acme", WHOLE, importers="acme = acme"))
    assert code == 0 and found == {
        "plantsync.disruptions": (True, "no package brings any"),
        "plantsync.systems": (True, "no package brings any"),
        "plantsync.kpis": (True, "no package brings any"),
        "plantsync.importers acme": (True, "plugin 1.0, acme"),
    }
    assert {group for group, _, _ in BROUGHT} == set(Group.__args__)  # type: ignore[attr-defined]
