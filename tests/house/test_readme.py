"""The documents' Python runs as it stands, in a fresh interpreter, in a folder that holds one run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scenarios
from scenarios.runs.folder import reserve, write_run
from tests.common.fabricated import run_result

ROOT = Path(__file__).resolve().parents[2]


def blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def ran(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "example.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "example.py"], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done


@pytest.mark.parametrize("code", blocks("README.md"), ids=lambda code: code.split("\n")[0].removeprefix("from "))
def test_an_example_runs_as_it_stands(code, tmp_path):
    write_run(run_result(reps=2), reserve(tmp_path / "runs", "line-stoppage", "20261121-091500-ab12"))
    assert ran(code, tmp_path).stdout.strip()


@pytest.mark.parametrize("code", blocks("CONTRIBUTING.md"), ids=lambda code: code.split("\n")[0].removeprefix("from "))
def test_a_recipe_runs_as_it_stands(code, tmp_path):
    ran(code, tmp_path)


def test_every_example_is_found():
    assert len(blocks("README.md")) >= 3
    assert len(blocks("CONTRIBUTING.md")) == 6


def test_a_run_is_a_frame_and_a_table():
    pandas = pytest.importorskip("pandas")
    run = run_result(reps=2)
    kpis = run.to_frame()
    assert list(kpis.columns) == ["kpi", "value", "unit", "way", "replication"]
    one = kpis[(kpis.way == "synced") & (kpis.replication == 1) & (kpis.kpi == "otif")]
    assert list(one.value) == [run.replication("synced", 1).kpis["otif"]]
    orders = run.replication("none").to_frame("orders")
    assert isinstance(orders, pandas.DataFrame) and orders["order"].iloc[0] == "west-71"
    with pytest.raises(LookupError, match="no table 'ordres'; it has orders"):
        run.replication("none").to_frame("ordres")


def test_a_stored_run_gives_the_same_frames(tmp_path):
    pytest.importorskip("pandas")
    run = run_result(reps=2)
    back = scenarios.load_run(write_run(run, reserve(tmp_path, "line-stoppage", "one")))
    assert back.to_frame().equals(run.to_frame())
    assert back.replication("synced").to_frame("orders").equals(run.replication("synced").to_frame("orders"))


def test_a_notebook_draws_the_whole_network_and_escapes_names():
    run = run_result(reps=2)
    run.title = "<b>no markup</b>"
    drawn = run._repr_html_()
    assert "&lt;b&gt;no markup" in drawn and "<td>otif</td>" in drawn and "<th>synced</th>" in drawn
    assert len(repr(run)) < 1000


def test_without_pandas_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        run_result(reps=1).to_frame()
