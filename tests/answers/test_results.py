"""Results: intervals are Student's, differences are paired, thresholds and the document say what was found."""

import json

import pytest

from scenarios.errors import RunFolderError
from scenarios.files.limits import holds, parse_limit
from scenarios.runs.document import to_json
from scenarios.runs.folder import find_run, load_run, reserve, rows, run_id, table, table_bytes, write_run
from scenarios.runs.intervals import interval, paired, t_cdf, t_quantile, wins
from scenarios.runs.record import COLUMNS, read_parquet
from scenarios.runs.summary import judge
from tests.common.fabricated import replication, run_result

# t(0.975, df), from the tables of Student's distribution
TABLE = {1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 5: 2.5706, 9: 2.2622, 19: 2.0930, 29: 2.0452, 120: 1.9799}


@pytest.mark.parametrize("df", TABLE)
def test_the_quantile_is_that_of_the_tables(df):
    assert t_quantile(0.975, df) == pytest.approx(TABLE[df], abs=5e-5)
    assert t_quantile(0.025, df) == pytest.approx(-TABLE[df], abs=5e-5)
    assert t_cdf(t_quantile(0.9, df), df) == pytest.approx(0.9, abs=1e-12)


def test_an_interval_is_mean_plus_minus_t_s_over_root_n():
    of = interval([1.0, 2.0, 3.0, 4.0, None])
    half = 3.182446 * (5 / 3) ** 0.5 / 2
    assert (of.mean, of.n) == (2.5, 4)
    assert of.low == pytest.approx(2.5 - half, abs=1e-5)
    assert of.high == pytest.approx(2.5 + half, abs=1e-5)


def test_one_value_has_a_mean_and_no_interval_and_none_has_neither():
    assert interval([3.0]) == interval([3.0, None])
    assert (interval([3.0]).low, interval([3.0]).high) == (None, None)
    assert (interval([]).mean, interval([]).n) == (None, 0)


def test_differences_are_taken_pair_by_pair():
    of = paired([1.0, 5.0, None, 9.0], [2.0, 4.0, 1.0, 7.0])
    assert (of.mean, of.n) == (pytest.approx(2 / 3), 3)
    assert wins([1.0, 5.0, 9.0], [2.0, 4.0, 9.0], "higher") == 1
    assert wins([1.0, 5.0, 9.0], [2.0, 4.0, 9.0], "lower") == 1
    assert wins([1.0], [2.0], "") is None


def test_a_threshold_reads_a_percent_sign_as_a_hundredth():
    assert parse_limit(">= 95%") == (">=", 0.95)
    assert parse_limit(" <20000 ") == ("<", 20000.0)
    assert holds(0.95, ">=", 0.95) and not holds(0.95, ">", 0.95)
    with pytest.raises(ValueError, match="no threshold"):
        parse_limit("about 9")


def test_thresholds_judge_synced_when_it_ran_and_a_missing_value_fails():
    ways = {"none": [replication("none", 0)], "synced": [replication("synced", 0)]}
    found = judge({"otif": ">= 90%", "clear_days": "<= 9"}, ways)
    assert [(t.way, t.passed) for t in found] == [("synced", True), ("synced", False)]


def test_the_document_has_exactly_the_keys_of_the_surface():
    doc = json.loads(json.dumps(to_json(run_result(reps=2))))
    keys = ["run", "scenario", "seed", "out", "ways", "comparison", "thresholds", "assumed", "disruption_cost"]
    assert list(doc) == keys
    assert set(doc["ways"]["synced"]) == {"kpis", "digest", "events", "wall_s", "events_per_s"}
    assert set(doc["ways"]["synced"]["kpis"]["late_cost"]) == {"mean", "low", "high", "unit", "n"}
    assert doc["ways"]["synced"]["kpis"]["late_cost"]["unit"] == "EUR"
    assert list(doc["comparison"]) == ["synced-none", "fragmented-none", "synced-fragmented"]
    assert set(doc["comparison"]["synced-none"]["late_cost"]) == {"mean", "low", "high", "n", "wins"}
    assert doc["comparison"]["synced-none"]["late_cost"]["wins"] == 2
    assert len(doc["disruption_cost"]["none"]["late_cost"]["values"]) == 2
    assert doc["thresholds"][0] == {**doc["thresholds"][0], "kpi": "otif", "op": ">=", "limit": 0.9, "passed": True}


def test_one_replication_has_null_intervals():
    doc = to_json(run_result(reps=1, baseline=False))
    assert doc["ways"]["none"]["kpis"]["otif"]["low"] is None
    assert doc["comparison"]["synced-none"]["otif"]["high"] is None


def test_a_run_folder_is_written_whole_and_read_back_the_same(tmp_path):
    run = run_result(reps=2)
    partial = reserve(tmp_path, run.scenario, "20261121-091500-ab12")
    assert partial.name.endswith(".partial")
    folder = write_run(run, partial, lambda r: f"<p>{r.id}</p>")
    assert not partial.exists() and (folder / "report.html").read_text() == "<p>20261121-091500-ab12</p>"
    back = load_run(folder)
    assert to_json(back) == to_json(run)
    assert rows(table(back.replication("synced"), "orders"))[0]["order"] == "west-71"
    assert back.replication("synced").decisions == run.replication("synced").decisions
    assert back.inputs == run.inputs
    assert table(back.replication("none"), "nothing") == {}


def test_a_table_without_rows_is_written_with_its_columns_and_read_back():
    for name, declared in COLUMNS.items():
        read = read_parquet(table_bytes({}, name), name)
        assert read == {column: [] for column in declared}


def test_a_run_is_found_by_folder_id_scenario_and_last(tmp_path):
    for name in ("20260101-000000-0000", "20270101-000000-0000"):
        write_run(run_result(reps=1), reserve(tmp_path, "line-stoppage", name))
    newest = tmp_path / "line-stoppage" / "20270101-000000-0000"
    assert find_run("line-stoppage", tmp_path) == find_run("last", tmp_path) == newest
    assert find_run("20260101-000000-0000", tmp_path).name == "20260101-000000-0000"
    assert find_run(str(tmp_path)) == newest
    with pytest.raises(RunFolderError, match="there are runs of line-stoppage"):
        find_run("line-stopage", tmp_path)
    with pytest.raises(RunFolderError, match="no run"):
        find_run("../../etc", tmp_path)


def test_an_existing_folder_is_refused(tmp_path):
    partial = reserve(tmp_path, "s", "one")
    with pytest.raises(RunFolderError, match="exists"):
        reserve(tmp_path, "s", "one")
    partial.rename(tmp_path / "s" / "one")
    with pytest.raises(RunFolderError, match="remove it or choose"):
        reserve(tmp_path, "s", "one")
    with pytest.raises(RunFolderError, match="cannot name a folder"):
        reserve(tmp_path, "../s", "one")


def test_an_interrupted_run_stays_partial_and_is_marked(tmp_path):
    run = run_result(reps=1, baseline=False)
    run.status = "interrupted"
    folder = write_run(run, reserve(tmp_path, run.scenario, "x"))
    assert folder.name == "x.partial"
    assert load_run(folder).status == "interrupted"
    with pytest.raises(RunFolderError):
        find_run("line-stoppage", tmp_path)


def test_a_damaged_record_is_one_line_and_no_traceback(tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "run.json").write_text('{"format": 3}')
    with pytest.raises(RunFolderError, match="damaged or no run record"):
        load_run(folder)


def test_the_id_stands_for_what_the_run_is_made_from():
    files = {"a.yaml": b"1"}
    one = run_id("20261121-091500", files, 7)
    assert one.startswith("20261121-091500-") and len(one) == 20
    assert one == run_id("20261121-091500", files, 7)
    assert len({one, run_id("20261121-091500", files, 8), run_id("20261121-091500", {"a.yaml": b"2"}, 7)}) == 3
