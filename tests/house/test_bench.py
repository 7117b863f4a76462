"""The bench compares only what agrees, says what is missing, and counts alike for all. No timing decides here."""

import gc
import json
import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import bench.__main__ as front
import console.commands.bench as command
from bench import above, hold, line, mm1, network
from bench.agree import comparison, settled
from bench.duel import at_least, at_most, duel
from bench.peers import Exponential, Peer
from bench.race import Contestant, Outcome, Pairing, Play, Run, Turn, race, timed
from bench.table import Row, document, plain

ROOT = Path(__file__).resolve().parents[2]
QUEUE_S, LINE_S = 2_000.0, 1_000.0


def rival(peers, name):
    found = next(p for p in peers if p.name == name)
    pytest.importorskip(found.module)
    return found


def played(outcome):
    return Play(lambda: None, lambda: outcome)


def finished(play):
    play.go()
    return play.read()


def constant(name, value, events=10):
    """A contestant whose results are known beforehand."""
    return Contestant(name, lambda seed: played(Outcome(events, events, {"value": value + 1e-12 * seed})), 3)


# --- the same model on every peer -----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["SimPy", "salabim", "Ciw"])
def test_peers_play_the_same_queue(name):
    run = Run(quick=True, seed=3)
    mine = partial(rival(mm1.PEERS, "SimPy, by hand").contestant, run, QUEUE_S)
    row = duel("queue", mine, partial(rival(mm1.PEERS, name).contestant, run, QUEUE_S), run)
    assert row.agrees and len(row.comparisons) == 2, [c.told() for c in row.comparisons]
    assert row.ratio is not None and row.ratio.n == run.pairs


@pytest.mark.parametrize("name", ["SimPy", "salabim", "Ciw"])
def test_peers_play_the_same_line(name):
    run = Run(quick=True, seed=3)
    mine = partial(rival(line.PEERS, "SimPy, by hand").contestant, run, LINE_S)
    row = duel("line", mine, partial(rival(line.PEERS, name).contestant, run, LINE_S), run)
    assert row.agrees and row.comparisons, [c.told() for c in row.comparisons]


def test_two_ways_to_write_simpy_make_the_very_same_parts():
    stores, by_hand = (finished(f(LINE_S, 5)) for f in (line.in_simpy, line.in_simpy_by_hand))
    assert stores == by_hand and stores.events > 9 * stores.work > 0


@pytest.mark.parametrize("name", ["SimPy", "salabim"])
def test_hold_fires_one_event_per_pending_event_and_second(name):
    rounds = rival(hold.PEERS, name).build(200, 50.0, 1)
    for _ in range(2):  # it is stationary: a turn goes on where the last one stopped
        fired = finished(rounds).events
        assert abs(fired - 10_000) < 5 * 100


def test_draws_are_counted_as_they_are_handed_out():
    draws = Exponential(np.random.default_rng(1), 2.0)
    for taken in (0, 1, 1023, 1, 1, 3000):
        before = draws.used
        values = [draws.next() for _ in range(taken)]
        assert draws.used - before == taken and min(values, default=0.0) >= 0.0


# --- ours against them, and against itself ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["mm1", "line", "floor", "above", "network"])
def test_a_quick_run_agrees_everywhere_and_fills_its_rows(name):
    rows, code = front.measure([name], Run(quick=True))
    assert code == front.OK and rows, [(r.note, [c.told() for c in r.comparisons]) for r in rows]
    measured = [row for row in rows if row.value is not None]
    assert measured and all(row.note for row in rows if row.value is None)
    for row in measured:
        assert row.value > 0 or "decision" in row.measure, row  # a difference of two short times may be anything
        assert row.ours != "-" and row.figures and (row.ratio is None or row.ratio.n == 2)
        assert row.verdict(judged=False) == ("not judged" if row.target else "")
    assert json.loads(document(rows, {}))["rows"][0]["measure"] == rows[0].measure
    assert len(plain(rows).splitlines()) >= 2 + len(rows)


def test_the_floor_holds_as_simpy_does():
    run = Run(quick=True)
    peer = partial(rival(hold.PEERS, "SimPy").contestant, run, 50, 400.0)
    row = duel("hold", partial(hold.OURS.contestant, run, 50, 400.0), peer, run)
    assert row.agrees and row.comparisons


@pytest.mark.parametrize("horizon", [True, False])
def test_touched_lines_go_their_own_way_and_arrive_at_the_same(horizon):
    free, held = (above.meddled(above.Meddling(20, touching, horizon), 5, 7) for touching in (False, True))
    first, second = finished(free), finished(held)
    assert first == second and first.exact.count(" ") == 19 and first.events > 20 * 500 * 5


def test_a_line_that_asks_makes_what_a_silent_one_makes():
    silent, asking, waking = (finished(above.watched(500.0, *how, 3)) for how in ((0, 0), (1, 0), (1, 1)))
    assert silent.exact == asking.exact == waking.exact
    assert asking.work == waking.work > 100 and silent.work == silent.events


def test_twenty_plants_are_one_connected_network():
    spec = network.network_of(20)
    ids = {x.id for group in (spec.plants, spec.warehouses, spec.customers, spec.suppliers) for x in group}
    assert len(spec.plants) == 20 and len(ids) == 20 + 14 + 14 + 2
    assert all(lane.source in ids and lane.target in ids for lane in spec.lanes)
    sources = {s for site in (*spec.plants, *spec.warehouses) for rule in site.replenish.values() for s in rule.sources}
    assert sources <= ids and all(rule.sources for p in spec.plants for rule in p.replenish.values())
    assert len({lane.id for lane in spec.lanes}) == len(spec.lanes)
    with pytest.raises(ValueError, match="alone"):
        network.network_of(4)


# --- comparing --------------------------------------------------------------------------------------------------------
def test_the_interval_of_a_difference_is_welchs():
    """Two samples with hand-computed variances 2.5 and 10: half-width t(0.9995; 5) * sqrt(0.5 + 2)."""
    found = comparison("x", [1, 2, 3, 4, 5], [2, 4, 6, 8, 10])
    assert found.low == pytest.approx(-3 - 6.8688 * 2.5**0.5, abs=1e-3)
    assert found.high == pytest.approx(-3 + 6.8688 * 2.5**0.5, abs=1e-3)
    assert found.agrees and "agree" in found.told()


def test_one_replication_says_nothing():
    with pytest.raises(ValueError, match="two replications"):
        comparison("x", [1.0], [1.0, 2.0])


def test_a_ratio_is_not_shown_when_results_disagree(capsys, monkeypatch):
    row = duel("odd", lambda: constant("a", 1.0), lambda: constant("b", 2.0), Run(quick=True), at_least(1, 2))
    assert not row.agrees and row.verdict() == "DISAGREE"
    text = plain([row])
    assert "DISAGREE" in text and "ours 1 [1..1]" in text and "peer 2 [2..2]" in text
    assert "x [" not in text and json.loads(document([row], {}))["rows"][0]["ratio"] is None
    monkeypatch.setattr(mm1, "measure", lambda run: [row])
    assert front.main(["mm1", "--quick"]) == front.DISAGREE == 3
    assert "DISAGREE" in capsys.readouterr().out


def test_a_disagreement_by_chance_is_looked_at_once_more():
    def race_of(ours, peer):
        turns = [[Turn(1.0, tuple(Outcome(1, 1, {"x": v}) for v in side))] for side in (ours, peer)]
        return Pairing(*turns)

    same, other = race_of([1, 2, 3], [1, 2, 3.1]), race_of([1, 1.1, 0.9], [9, 9.1, 8.9])
    for races, looks, agrees in (([same], 1, True), ([other, same], 2, True), ([other, other], 2, False)):
        left = iter(races)
        pairing, found = settled(lambda left=left: next(left))
        assert pairing is races[0] and next(left, None) is None and len(races) == looks
        assert all(c.agrees for c in found) is agrees


def test_a_line_that_fails_twice_as_often_does_not_pass_for_the_same(monkeypatch):
    run = Run(quick=True)
    mine = line.in_simpy_by_hand

    def fragile(span, seed):
        with monkeypatch.context() as patch:
            patch.setattr(line, "FAILURE_S", 10.0)
            return line.in_simpy_by_hand(span, seed)

    ours, theirs = Contestant("a", partial(mine, 4_000.0), 4), Contestant("b", partial(fragile, 4_000.0), 4)
    assert not duel("line", lambda: ours, lambda: theirs, run).agrees


# --- the race ---------------------------------------------------------------------------------------------------------
def test_turns_alternate_and_no_seed_is_used_twice():
    order, seeds = [], []

    def entering(name):
        def build(seed):
            seeds.append(seed)
            order.append(name)
            return played(Outcome(1, 1.0, {}))

        return Contestant(name, build, 1)

    pairing = race(entering("a"), entering("b"), Run(seed=2))
    assert order == ["a", "b"] * 8 and len(set(seeds)) == len(seeds) == 16
    assert len(pairing.ours) == len(pairing.peer) == pairing.ratio.n == 7


def test_a_ratio_is_per_work_and_not_per_run():
    def working(work):
        return Contestant("w", lambda seed: played(Outcome(1, work, {})), 1)

    pairing = race(working(1.0), working(1e9), Run(quick=True))
    assert pairing.ratio.high < 1.0  # as fast a run, a thousand million times the work


def test_the_garbage_collector_is_off_on_the_clock_only():
    seen = []
    assert timed(lambda: seen.append(gc.isenabled())) >= 0.0
    assert seen == [False] and gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        timed(lambda: 1 / 0)
    assert gc.isenabled()


# --- the table --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (at_least(100, 180), 180, "aim"), (at_least(100, 180), 100, "must"), (at_least(100, 180), 99.9, "MISSED"),
        (at_most(1.8, 1.4), 1.4, "aim"), (at_most(1.8, 1.4), 1.8, "must"), (at_most(1.8, 1.4), 1.81, "MISSED"),
        (None, 5, ""), (at_most(1, 1), None, "not measured"),
    ],
)  # fmt: skip
def test_verdicts(target, value, verdict):
    row = Row("m", value=value, target=target)
    assert row.verdict() == verdict
    assert row.verdict(judged=False) == ("not judged" if target and value else verdict)


def test_a_missing_peer_is_a_row_with_its_reason():
    absent = Peer("Nobody", "no_such_simulator", lambda seed: played(Outcome(1, 1, {})))
    run = Run(quick=True)
    row = duel("queue / Nobody", lambda: constant("a", 1.0), partial(absent.contestant, run), run)
    assert row.verdict() == "not measured" and row.agrees
    assert "no_such_simulator cannot be imported: pip install no_such_simulator" in plain([row])


def test_a_measurement_that_fails_leaves_the_others_standing(monkeypatch):
    monkeypatch.setattr(mm1, "measure", lambda run: 1 / 0)
    monkeypatch.setattr(line, "measure", lambda run: [Row("line")])
    rows, code = front.measure(["mm1", "line"], Run(quick=True))
    assert [r.measure for r in rows] == ["mm1", "line"] and code == front.FAILED
    assert "ZeroDivisionError" in rows[0].note


def test_columns_line_up():
    lines = plain([Row("a"), Row("a long measure", "1 ns", "SimPy 2 ns", None, 3.0, at_least(1, 2))]).splitlines()
    assert all(a.index("ours") == b.index("1 ns") for a, b in [(lines[0], lines[3])])
    assert all(len(a.split("  ")) > 1 for a, _ in pairwise(lines))


# --- the commands ----------------------------------------------------------------------------------------------------
def test_an_unknown_measurement_is_refused_in_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nope"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "no measurement 'nope'. there are hold, mm1" in done.stderr


def test_outside_a_source_checkout_there_is_no_bench(plantsync, monkeypatch, tmp_path):
    monkeypatch.setattr(command, "__file__", str(tmp_path / "console" / "commands" / "bench.py"))
    code, out, err = plantsync("bench")
    assert code == 6 and out == "" and "source checkout" in err and err.count("\n") == 1


def test_the_command_hands_its_words_on(plantsync, monkeypatch):
    seen = []
    monkeypatch.setattr(command, "started", lambda words, root: seen.append((words[1:], root)) or 3)
    code, _, _ = plantsync("bench", "hold", "line", "--quick", "--json", "--seed", "4")
    assert code == 3
    assert seen == [(["-m", "bench", "--seed", "4", "--json", "--quick", "--", "hold", "line"], ROOT)]


def test_the_exit_code_is_that_of_the_measurement(tmp_path):
    assert command.started([sys.executable, "-c", "raise SystemExit(3)"], tmp_path) == 3
