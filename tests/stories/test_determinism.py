"""The same seed gives the same bytes: in another process, locale, time zone and folder, on one worker or two."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import assemble
from scenarios.twin.runner import run_scenario

SHORT = ["horizon=17d"]
ROOT = Path(__file__).resolve().parents[2]


def _by_cli(folder: Path, seed: int, **environment: str) -> dict[str, str]:
    """Digests of the three ways, from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", "run", "line-stoppage", "--way", "all", "--json", "--jobs", "1",
         "--set", "horizon=17d", "--seed", str(seed), "--out", str(folder / "runs")],
        check=False, capture_output=True, text=True, cwd=folder, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    return {way: one["digest"] for way, one in json.loads(done.stdout)["ways"].items()}


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    run = run_scenario(load_scenario("line-stoppage", SHORT), ["none", "fragmented", "synced"], 7, 1, jobs=1)
    return {way: reps[0].digest for way, reps in run.ways.items()}


def test_another_process_locale_hash_seed_time_zone_and_folder_give_the_same_digests(
    tmp_path: Path, here: dict[str, str]
) -> None:
    elsewhere = _by_cli(
        tmp_path, 7, PYTHONHASHSEED="4242", TZ="Asia/Tokyo", LC_ALL="C", LANG="de_DE.UTF-8", COLUMNS="40"
    )
    assert elsewhere == here


def test_another_seed_gives_other_digests(here: dict[str, str]) -> None:
    run = run_scenario(load_scenario("line-stoppage", SHORT), ["none", "synced"], 8, 1, jobs=1)
    for way, reps in run.ways.items():
        assert reps[0].digest != here[way]


def test_two_workers_give_the_digests_of_one() -> None:
    loaded = load_scenario("line-stoppage", ["horizon=12d"])
    digests = []
    for jobs in (1, 2):
        run = run_scenario(loaded, ["none", "fragmented"], 7, 2, jobs=jobs)
        digests.append([r.digest for reps in run.ways.values() for r in reps])
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 4


def test_being_watched_and_being_paced_change_nothing() -> None:
    scenario = load_scenario("line-stoppage", ["horizon=12d"]).scenario
    plain = assemble(scenario, "synced", 7)
    plain.env.advance(scenario.horizon_s)
    watched = assemble(scenario, "synced", 7)
    seen: list[str] = []
    watched.on_change(lambda change: seen.append(change.id))
    at = 0.0
    while at < scenario.horizon_s:
        at += 997.0
        watched.env.advance(min(at, scenario.horizon_s))
    assert plain.result().digest == watched.result().digest
    assert len(seen) == len(set(seen)) > 10_000


def test_every_way_of_working_meets_the_same_orders_and_disruptions() -> None:
    run = run_scenario(load_scenario("line-stoppage", ["horizon=20d"]), ["none", "fragmented", "synced"], 3, 1, jobs=1)
    worlds = []
    for (rep,) in run.ways.values():
        orders = rep.tables["orders"]
        rows = zip(orders["kind"], orders["order"], orders["item"], orders["quantity"], orders["due_ms"], strict=True)
        stop = next(d for d in rep.disruptions if d["id"] == "hydraulics")
        worlds.append(([r for r in rows if r[0] == "customer"], stop))
    assert worlds[0] == worlds[1] == worlds[2]
    assert len(worlds[0][0]) > 500


def test_adding_a_plant_shifts_no_number_of_another(tmp_path: Path) -> None:
    library = ROOT / "scenarios" / "library"
    network = (library / "three-plants.yaml").read_text()
    line = "{id: L1, machines: [{id: m, cycle: {exponential: 30s}}], makes: [{item: HOUSING}]}"
    extra = f"  - {{id: extra, lines: [{line}]}}\n"
    (tmp_path / "three-plants.yaml").write_text(network.replace("suppliers:\n", extra + "suppliers:\n"))
    (tmp_path / "run.yaml").write_text((library / "line-stoppage.yaml").read_text())
    digests = []
    for path in ("line-stoppage", str(tmp_path / "run.yaml")):
        twin = assemble(load_scenario(path, ["horizon=11d"]).scenario, "none", 7)
        twin.env.advance(10 * 86_400.0)
        digests.append([(o.id, o.quantity, o.done_ms) for o in twin.network.book.orders.values()])
    assert digests[0] == digests[1]
