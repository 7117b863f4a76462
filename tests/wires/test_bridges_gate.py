"""Small parts of the bridges: the gate for commands, the pacer, the narration."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridges.serve.gate import Gate, Remembered
from bridges.serve.pacing import Pacer, first_shift_s
from bridges.wire.narration import span_text, tell_ack, tell_command, tell_message
from bridges.wire.presence import Master, taken_apart
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.master import LaneData, LineData, MasterData, SiteData
from sync.vocabulary.messages import Message
from sync.vocabulary.policy import Policy
from sync.vocabulary.tariff import Band, Tariff
from sync.vocabulary.wording import clock_text


def command(**kwargs) -> Command:
    usual = {"id": "D-1/1", "target": "erp", "type": "transfer_order.reduce", "time_ms": 0, "not_after_ms": 100}
    return Command(**{**usual, "data": {"order": "TO-1", "quantity": 1}, **kwargs})


@pytest.mark.parametrize(
    ("kwargs", "status", "reason"),
    [
        ({"epoch": 1}, "refused", "epoch 1 is not the present one, 2"),
        ({"epoch": 3}, "refused", "epoch 3 is not"),
        ({"epoch": 2, "not_after_ms": 49}, "expired", "not after 49 ms, and it is 50 ms"),
        ({"epoch": 2, "target": "lyon.mes"}, "refused", "known: erp"),
    ],
)
def test_the_gate_turns_away_with_a_reason(kwargs, status, reason) -> None:
    gate = Gate(("erp",))
    gate.epoch = 2
    ack = gate.judge(command(**kwargs), 50)
    assert ack is not None and ack.status == status and reason in ack.reason and ack.command == "D-1/1"
    assert gate.judge(command(epoch=2), 50) is None, "what was turned away was not taken"


def test_a_command_passes_once_and_a_closed_gate_says_why() -> None:
    gate = Gate(("erp",))
    assert gate.judge(command(not_after_ms=-1), 10**12) is None
    assert gate.judge(command(), 0).status == "duplicate"
    gate.closed = "somebody else decides"
    assert gate.judge(command(id="D-2/1"), 0).reason == "somebody else decides"
    assert (gate.accepted, gate.turned_away) == (1, 2)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.integers(0, 20)), max_size=30))
def test_no_id_ever_passes_twice_whatever_comes(stream) -> None:
    gate, passed = Gate(("erp",)), []
    gate.epoch = 2
    for number, epoch, not_after in stream:
        wish = command(id=f"D-{number}/1", epoch=epoch, not_after_ms=not_after)
        if gate.judge(wish, 10) is None:
            passed.append(wish.id)
            assert epoch == 2 and not_after >= 10
    assert len(passed) == len(set(passed))


def test_what_is_remembered_is_bounded() -> None:
    seen = Remembered(3)
    for n in range(5):
        seen.add(n)
    assert [n in seen for n in range(5)] == [False, False, True, True, True]


def test_the_schedule_is_absolute_and_the_lag_is_recorded() -> None:
    wall = [100.0]
    pacer = Pacer(50.0, 60.0, lambda: wall[0])
    pacer.begin()
    assert pacer.due_s() == 50.0
    wall[0] = 101.0
    assert pacer.due_s() == 110.0
    assert (pacer.note(110.0), pacer.note(104.0)) == (0, 100)
    wall[0] = 103.0
    assert pacer.due_s() == 230.0, "a late tick does not move the schedule"
    assert (pacer.max_lag_ms, pacer.lag_ms_p99()) == (100, 100)


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "day 0 00:00"), (86_400_000, "day 1 00:00"), (2 * 86_400_000 + 30_240_000, "day 2 08:24")]
)
def test_the_clock_is_told_as_the_files_write_it(ms, text) -> None:
    assert clock_text(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(-1, "of unknown length"), (259_200_000, "3 d"), (5_400_000, "90 min"), (3_600_000, "1 h"), (5, "5 ms")],
)
def test_spans_are_told_in_the_unit_people_use(ms, text) -> None:
    assert span_text(ms) == text


def test_the_feed_tells_what_matters_in_one_line_and_never_fails() -> None:
    stop = Message(
        id="1", source="lyon.mes", type="line.stopped", subject="", time_ms=0,
        data={"line": "lyon.L1", "reason": "hydraulics", "since_ms": 0, "expected_ms": 259_200_000},
    )  # fmt: skip
    assert "lyon.L1 (hydraulics), expected 3 d" in tell_message(stop)
    odd = Message(id="1", source="a\nb", type="line.stopped", subject="", time_ms=0, data={})
    assert "(unreadable)" in tell_message(odd) and "\n" not in tell_message(odd)
    made = {"decision": "D-1", "workflow": "line-stopped", "state": "executing", "unservable": 1,
            "changes": [{"kind": "reroute", "site": "porto", "count": 40, "item": "X", "target": "dc"}]}  # fmt: skip
    decided = Message(id="1", source="engine", type="decision.made", subject="D-1", time_ms=0, data=made)
    assert tell_message(decided).endswith("D-1 executing: make 40 X at porto for dc; 1 order is unservable")
    odd = Message(id="1", source="x", type="decision.made", subject="D-1", time_ms=0, data={**made, "changes": [7]})
    assert tell_message(odd).endswith("(unreadable)")
    dull = Message(id="1", source="x", type="stock.posted", subject="", time_ms=0, data={})
    assert tell_message(dull) == ""
    assert "D-1/1: order=TO-1 quantity=1" in tell_command(command())
    assert tell_ack(Ack(command="D-1/1", source="erp", time_ms=0, status="refused", reason="left")).endswith(": left")


def test_serving_begins_with_the_first_shift_after_the_warm_up() -> None:
    def begins(warmup_s, *lines):
        master = MasterData("net", "EUR", 1, {}, (), tuple(LineData("p.L", "p", (), w) for w in lines), (), ())
        return first_shift_s(master, warmup_s, 1000.0)

    assert begins(50.0, ((0, 10_000), (60_000, 70_000)), ((65_000, 90_000),)) == 60.0
    assert begins(65.0, ((0, 10_000), (60_000, 70_000))) == 65.0
    assert begins(80.0, ((0, 10_000),)) == 80.0
    assert begins(0.0) == 0.0


def test_master_data_comes_back_whole_and_shared_tariffs_travel_once() -> None:
    shared, own = Tariff(5), Tariff(bands=(Band("V1", "DTD", 0, 9, 1, 2, 3),))
    lanes = tuple(LaneData(f"a>{n}", "a", str(n), 5, shared if n else own, n) for n in range(4))
    master = MasterData("net", "EUR", 1, {"X": 2}, (SiteData("a", "plant", serves=("c",)),), (), lanes, ())
    bare, wired, tariffs = taken_apart(master)
    assert len(tariffs) == 2
    sent = Master(run="r", start_epoch_ms=0, speed=1.0, deciding="none", policy=Policy(), master=bare, lanes=wired,
                  tariffs=tariffs)  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Master).whole() == master
