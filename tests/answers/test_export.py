"""A run's tables as CSV and as a workbook: every table, every row, no formula, and bounded memory."""

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from plants.kpis.registry import definition
from scenarios.answers.export import export_run
from scenarios.errors import DamagedRun, ExportError
from scenarios.runs.folder import load_run, reserve, rows, table, table_names, write_run
from scenarios.runs.record import COLUMNS
from scenarios.runs.results import RunResult
from tests.common.fabricated import run_result

EVIL = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0")


@pytest.fixture
def stored(tmp_path: Path) -> RunResult:
    run = run_result(reps=2)
    for way, reps in run.ways.items():
        for n, rep in enumerate(reps):
            of, same = [(k, v, definition(k).unit_in("EUR")) for k, v in rep.kpis.items()], [""] * len(rep.kpis)
            kpi, value, unit = map(list, zip(*of, strict=True))
            where = {"way": [way] * len(of), "replication": [n] * len(of)}
            rep.tables["kpis"] = {"kpi": kpi, "dimension": same, "id": same, "value": value, "unit": unit, **where}
        orders = reps[0].tables["orders"]
        orders["carrier"] = [EVIL[n % len(EVIL)] for n in range(len(orders["order"]))]
        orders["customer"][0] = 'a "quoted", name'
    return load_run(write_run(run, reserve(tmp_path / "runs", "line-stoppage", "r")))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    guarded = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if guarded else str(value)


def test_every_table_of_every_way_and_replication_is_there_with_all_its_rows(stored: RunResult, tmp_path: Path) -> None:
    written = export_run(stored, tmp_path / "out", "csv")
    assert {p.stem for p in written} == {*COLUMNS, "decisions"}
    for name in COLUMNS:
        found = read(tmp_path / "out" / f"{name}.csv")
        there = [
            {"way": way, "replication": str(rep.replication), **{k: as_cell(v) for k, v in row.items()}}
            for way, reps in stored.ways.items()
            for rep in reps
            for row in rows(table(rep, name))
        ]
        assert found == there, name


def test_the_kpis_and_the_decisions_are_tables_too(stored: RunResult, tmp_path: Path) -> None:
    export_run(stored, tmp_path / "out", "csv")
    found = {(r["way"], r["replication"], r["kpi"]): r for r in read(tmp_path / "out" / "kpis.csv")}
    one = found["synced", "1", "otif"]
    assert float(one["value"]) == stored.ways["synced"][1].kpis["otif"] and one["unit"] == "share"
    assert found["none", "0", "clear_days"]["value"] == "" and found["none", "0", "late_cost"]["unit"] == "EUR"
    decisions = read(tmp_path / "out" / "decisions.csv")
    assert [d["id"] for d in decisions] == ["D-3", "D-3"] and decisions[0]["state"] == "done"


def test_text_that_a_spreadsheet_would_compute_is_text(stored: RunResult, tmp_path: Path) -> None:
    export_run(stored, tmp_path / "out", "csv")
    for path in (tmp_path / "out").glob("*.csv"):
        for row in read(path):
            for column, cell in row.items():
                evil = cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and not is_number(cell))
                assert not cell or not evil, (path.name, column, cell)


def is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def test_a_workbook_has_a_sheet_a_table_and_no_formula(stored: RunResult, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    (path,) = export_run(stored, tmp_path / "run.xlsx", "xlsx")
    with zipfile.ZipFile(path) as book:
        names = book.read("xl/workbook.xml").decode()
        sheets = {n: book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/sheet")}
    assert all(f'name="{name}"' in names for name in ("kpis", "orders", "ledger", "decisions"))
    assert not any("<f>" in text or "<f " in text for text in sheets.values())
    assert any("@SUM(A1)" in text for text in sheets.values())
    first = path.read_bytes()
    path.unlink()
    export_run(stored, path, "xlsx")
    assert path.read_bytes() == first  # no stamp of the hour


def test_only_the_tables_that_are_asked_for(stored: RunResult, tmp_path: Path) -> None:
    (path,) = export_run(stored, tmp_path / "out", "csv", ["orders"])
    assert path.name == "orders.csv"
    with pytest.raises(ExportError, match=r"no table 'order'\. allowed: kpis, orders, shipments"):
        export_run(stored, tmp_path / "other", "csv", ["order"])


def test_nothing_is_overwritten(stored: RunResult, tmp_path: Path) -> None:
    export_run(stored, tmp_path / "out", "csv")
    with pytest.raises(ExportError, match=r"kpis\.csv exists\. remove it"):
        export_run(stored, tmp_path / "out", "csv")


def test_a_damaged_table_is_named(stored: RunResult, tmp_path: Path) -> None:
    assert stored.out
    (stored.out / "none" / "0" / "orders.parquet").write_bytes(b"PAR1")
    with pytest.raises(DamagedRun, match=r"orders\.parquet is damaged"):
        export_run(stored, tmp_path / "out", "csv")


def test_a_long_table_is_written_in_stretches(tmp_path: Path) -> None:
    run = run_result(reps=1)
    rep = run.ways["none"][0]
    rep.tables["series"] = {k: v * 100 for k, v in rep.tables["series"].items()}
    many = len(rep.tables["series"]["time_ms"])
    stored = load_run(write_run(run, reserve(tmp_path / "runs", "line-stoppage", "r")))
    assert "series" in table_names(stored.ways["none"][0])
    export_run(stored, tmp_path / "out", "csv", ["series"])
    assert many > 100_000 and "series" not in dict(stored.ways["none"][0].tables)  # it was never read as a whole
    assert sum(1 for r in read(tmp_path / "out" / "series.csv") if r["way"] == "none") == many
