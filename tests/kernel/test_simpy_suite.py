"""SimPy's own tests, doctests and examples, from its source distribution, run against our environment, uncopied."""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest

from sim.ahead.active import built
from tests.kernel.simpy_suite.expected import EXAMPLES_DIFFER, FAILS, NOT_RUN

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "tests" / "kernel" / "simpy_suite"


def cache():
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (home / "plantsync", Path(tempfile.gettempdir()) / "plantsync"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    pytest.skip("no folder to keep SimPy's source distribution in")


@pytest.fixture(scope="module")
def simpy_source(tmp_path_factory):
    """The unpacked source distribution of the installed SimPy."""
    name = f"simpy-{version('simpy')}"
    archive = cache() / f"{name}.tar.gz"
    if not archive.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-binary", "simpy", "--retries", "1", "--timeout", "20", "-d", str(archive.parent)]
        try:
            done = subprocess.run(
                [*command, name.replace("-", "==")], capture_output=True, text=True, timeout=120, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"{name} could not be downloaded: no answer in two minutes")
        if done.returncode or not archive.exists():
            said = done.stderr.strip().splitlines() or ["pip made no archive"]
            pytest.skip(f"{name} could not be downloaded: {said[-1]}")
    folder = tmp_path_factory.mktemp("simpy")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / name


@pytest.fixture(params=["compiled", "interpreted"])
def surroundings(request, tmp_path):
    """Environment variables under which a Python uses our environment on one of the two floors."""
    if request.param == "compiled" and not built().compiled and os.environ.get("PLANTSYNC_FLOOR") != "compiled":
        pytest.skip(built().why)
    return {
        **os.environ,
        "PLANTSYNC_FLOOR": request.param,
        "PYTHONPATH": os.pathsep.join((str(SUITE), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SIMPY_SUITE_REPORT": str(tmp_path / "report.json"),
    }


def outcomes(source, surroundings, *what):
    """Run SimPy's tests in a process of their own: test id -> outcome."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "alias", "-p", "no:cacheprovider", "--benchmark-disable"]
    command += ["-m", "", *(f"--ignore={name}" for name in NOT_RUN), *what]
    done = subprocess.run(
        command, cwd=source, env=surroundings, capture_output=True, text=True, timeout=300, check=False
    )
    report = Path(surroundings["SIMPY_SUITE_REPORT"])
    assert report.exists(), done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert told["floor"].startswith(surroundings["PLANTSYNC_FLOOR"])
    return told["made"], told["outcomes"], done.stdout


def test_simpys_tests_pass_but_for_those_listed(simpy_source, surroundings):
    made, found, told = outcomes(simpy_source, surroundings, "tests")
    failed = {test for test, outcome in found.items() if outcome == "failed"}
    assert failed == set(FAILS), told
    assert made > 100 and sum(outcome == "passed" for outcome in found.values()) > 120


def test_the_programs_in_simpys_documentation_say_what_it_says(simpy_source, surroundings):
    made, found, told = outcomes(simpy_source, surroundings, "--noconftest", "docs", "README.rst")
    assert set(found.values()) == {"passed"} and made > 20, told


def test_simpys_examples_print_what_lies_beside_them(simpy_source, surroundings):
    differ, programs = set(), sorted((simpy_source / "docs/examples/code").glob("*.py"))
    for program in programs:
        done = subprocess.run(
            [sys.executable, program.name],
            cwd=program.parent,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.stdout + done.stderr != program.with_suffix(".out").read_text():
            differ.add(program.name)
    assert len(programs) > 5 and differ == set(EXAMPLES_DIFFER)
