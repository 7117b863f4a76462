"""The command line: light, one line per failure, the exit codes of the surface."""

import json
import os
import subprocess
import sys
import time

import pytest

from console.cli import COMMANDS
from scenarios.runs.folder import reserve, write_run
from tests.common.fabricated import run_result

HEAVY = ("asyncua", "highspy", "numpy", "networkx", "pyarrow", "pydantic", "simpy")
PROBE = f"""
import sys
from console.cli import main
try:
    main(["--help"])
except SystemExit as leave:
    loaded = [name for name in {HEAVY!r} if name in sys.modules]
    sys.exit(f"loaded {{loaded}}" if loaded else leave.code)
"""


@pytest.fixture
def stored(tmp_path):
    """A fabricated run in runs/."""
    return write_run(run_result(reps=2), reserve(tmp_path / "runs", "line-stoppage", "20261121-091500-ab12"))


def test_help_imports_nothing_heavy_and_answers_at_once():
    fastest = 9.0
    for _ in range(3):  # the best of three: another process may hold the cores
        began = time.perf_counter()
        environment = {**os.environ, "PLANTSYNC_FLOOR": "auto"}  # a variable of ours that is no option
        done = subprocess.run(
            [sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        fastest = min(fastest, time.perf_counter() - began)
        assert done.returncode == 0, done.stderr
    print(f"--help took {fastest:.3f} s at best")
    assert "Simulate a scenario" in done.stdout


@pytest.mark.parametrize("command", [*COMMANDS, "import brunel"])
def test_every_command_has_help(plantsync, command):
    code, out, err = plantsync(*command.split(), "--help")
    assert code == 0 and "Usage: plantsync" in out and err == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["rnu"], "no command 'rnu'. did you mean 'run'?"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", "line-stoppage", "--way", "sync"], "'sync' is not one of"),
        (["run", "line-stoppage", "--sede", "3"], "No such option"),
        (["run", "line-stopage"], "did you mean 'line-stoppage'?"),
        (["compare", "a"], "at least two runs"),
        (["compare", "a", "b"], "no run 'a'"),
        (["explain", "nothing", "west-1"], "no run 'nothing'"),
        (["schema", "netwrok"], "'netwrok' is not one of"),
        (["serve", "line-stoppage", "--http", ":80"], "not there yet"),
        (["serve", "line-stoppage", "--speed", "fast"], "'fast' is no speed"),
        (["serve", "line-stoppage", "--skip", "soon"], "soon"),
        (["inject", "line-down", "lyon.L1", "--with", "x"], "no assignment"),
        (["check", "none.yaml"], "no such file"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(plantsync, args, message):
    code, out, err = plantsync(*args)
    assert (code, out) == (2, "")
    assert message in err and len(err.splitlines()) == 1 and "Traceback" not in err


def test_an_internal_error_is_one_line_that_says_where_the_traceback_is(plantsync, monkeypatch):
    monkeypatch.setattr("console.commands.about.versions", lambda: 1 / 0)
    code, _, err = plantsync("version", "--json")
    assert code == 1 and err.startswith("internal error: ZeroDivisionError") and len(err.splitlines()) == 1
    path = err.split("the traceback is in ")[1].split(" (or")[0]
    with open(path) as file:
        assert "1 / 0" in file.read()
    os.unlink(path)


def test_version_and_schema_print_json(plantsync):
    code, out, _ = plantsync("version", "--json")
    assert code == 0 and {"plantsync", "python", "simpy"} <= set(json.loads(out))
    code, out, _ = plantsync("schema", "scenario")
    assert code == 0 and "properties" in json.loads(out)


def test_doctor_finds_that_the_packages_are_ours(plantsync):
    code, out, _ = plantsync("doctor", "--json")
    found = {c["name"]: c for c in json.loads(out)["checks"]}
    assert code == 0 and found["package sim"]["found"] == "ours"
    assert found["machine floor"]["found"].split()[0] in ("compiled", "interpreted:")


def test_doctor_exits_6_when_something_required_is_missing(plantsync, monkeypatch):
    monkeypatch.setattr("console.versions.NEEDED", ("simpy", "no-such-package"))
    code, out, _ = plantsync("doctor")
    assert code == 6 and "MISSING no-such-package" in out


@pytest.mark.parametrize("template", ["three-plants", "hub-spoke", "blank"])
def test_every_template_loads_and_is_never_overwritten(plantsync, template, tmp_path):
    code, out, _ = plantsync("init", "there", "--template", template)
    assert code == 0
    assert plantsync("check", *out.splitlines())[0] == 0
    code, _, err = plantsync("init", "there", "--template", template)
    assert code == 2 and all("exists already" in line for line in err.splitlines())


def test_a_run_writes_its_folder_and_prints_one_document(plantsync, tmp_path):
    plantsync("init", ".", "--template", "blank")
    code, out, err = plantsync("run", "scenario.yaml", "--json", "--report", "--jobs", 1, "--set", "horizon=8d")
    doc = json.loads(out)
    assert code == 0, err
    assert doc["scenario"] == "blank" and list(doc["ways"]) == ["none"]
    folder = tmp_path / doc["out"]
    assert {"run.json", "inputs", "none", "report.html"} == {p.name for p in folder.iterdir()}
    assert json.loads((folder / "run.json").read_text())["sets"] == ["horizon=8d"]
    code, out, _ = plantsync("explain", "blank", "customer-1", "--way", "none", "--json")
    assert code == 0 and json.loads(out)["name"] == "customer-1"
    code, out, _ = plantsync("compare", doc["out"], doc["run"])
    assert code == 0 and "identical" in out


def test_a_missed_threshold_exits_3(plantsync):
    plantsync("init", ".", "--template", "blank")
    with open("scenario.yaml", "a") as file:
        file.write('thresholds:\n  otif: "> 100%"\n')
    code, out, _ = plantsync("run", "scenario.yaml", "--jobs", 1, "--set", "horizon=8d")
    assert code == 3 and "missed" in out
    code, out, err = plantsync("run", "scenario.yaml", "--jobs", 1, "--set", "horizon=8d", "--quiet", "--out", "q")
    assert code == 3 and "missed" in err and len(out.splitlines()) == 1 and "blank" in out


def test_compare_fails_with_4_on_a_regression(plantsync, stored, tmp_path):
    worse = run_result(reps=2)
    for rep in worse.ways["synced"]:
        rep.kpis["otif"] = 0.5
    other = write_run(worse, reserve(tmp_path / "runs", "line-stoppage", "worse"))
    code, _, err = plantsync("compare", stored, other, "--fail-if", "otif<-1%")
    assert code == 4 and err.startswith("regression: worse against")
    code, _, err = plantsync("compare", stored, other, "--fail-if", "otif<-1%@95")
    assert code == 4 and "95 % interval" in err
    for never in ("otif<-150%", "clear_days>1", "otfi<-1%", "otif<-1%@100"):
        code, out, err = plantsync("compare", stored, other, "--fail-if", never)
        assert code == 2 and "--fail-if" in err and len(err.splitlines()) == 1, never
    code, out, _ = plantsync("compare", stored, other, "--json")
    assert code == 0 and json.loads(out)["comparisons"][0]["ways"]["synced"]["pairs"] == 2


def test_explain_prints_a_plain_text_chain(plantsync, stored):
    code, out, _ = plantsync("explain", "last", "west-71", "--why-not", "porto")
    assert code == 0 and "What would have to change" in out and "\x1b" not in out
    code, _, err = plantsync("explain", "last", "west-17")
    assert code == 2 and "did you mean" in err


def test_an_option_may_come_from_the_environment(plantsync, monkeypatch):
    monkeypatch.setenv("PLANTSYNC_RUN_WAY", "nonsense")
    code, _, err = plantsync("run", "line-stoppage")
    assert code == 2 and "nonsense" in err
