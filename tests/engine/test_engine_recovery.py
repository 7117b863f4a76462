"""The journal is the engine: folded it gives the state, an engine goes on from it, and neither grows with history."""

import sys
from collections.abc import Callable

import pytest

from sync.core import facts
from sync.core.state import KEPT_MS, State
from sync.shell.inbox import REMEMBERED, Inbox
from sync.shell.journal import MemoryJournal, fact_of
from sync.shell.recovery import fold
from sync.shell.shell import LETTERS, Shell
from sync.shell.solver import Highs
from tests.common.engineworld import (
    ALWAYS,
    ASK,
    DAY,
    HOUR,
    Host,
    customer_order,
    replenish,
    sell,
    stock,
    stocked_network,
    stop,
    stopped_line,
)


def mid_draft() -> Host:
    """The line has just stopped: the solver is asked and has not answered."""
    host = Host(stocked_network())
    sell(host, 10)
    replenish(host, "TO-1", 300, 10 * DAY - HOUR)
    host.tell("dc.wms", "stock.posted", stock("dc", 200), 10 * DAY - HOUR)
    host.step(10 * DAY - HOUR)
    stop(host, "alpha.L1", 10 * DAY, 4 * DAY)
    host.step(10 * DAY)
    assert host.shell.state.drafts
    return host


# --- the journal -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("world", [stopped_line, lambda: stopped_line(ASK), lambda: stopped_line(answer="refused")])
def test_the_journal_folded_gives_the_state(world: Callable[[], Host]) -> None:
    host = world()
    assert fold(host.shell.master, host.journal.entries()).hash() == host.shell.state_hash()


def test_every_kind_of_fact_is_read_back_as_it_was_written() -> None:
    host = stopped_line(ASK)
    host.step(10 * DAY + 2 * HOUR)  # the proposal expires
    other = stopped_line()
    other.tell("erp", "order.dreamt", {}, 11 * DAY)
    stale = mid_draft()
    stale.tell("alpha.mes", "line.resumed", {"line": "alpha.L1"}, 10 * DAY + 1)
    stale.run(10 * DAY + HOUR, 10 * DAY + 2 * HOUR)
    told = stopped_line(ASK)
    told.tell("alpha.mes", "line.resumed", {"line": "alpha.L1"}, 10 * DAY + HOUR // 2)
    told.run(10 * DAY + HOUR // 2, 10 * DAY + HOUR)
    entries = [e for h in (host, other, stale, told) for e in h.journal.entries()]
    known = {kind.__struct_config__.tag for kind in facts.Fact.__args__}
    assert known - {e.kind for e in entries} <= {"judged"}, "told by the worlds that make to order"
    again = MemoryJournal()
    for entry in entries:
        assert again.append(entry.time_ms, fact_of(entry)).text == entry.text


def test_a_state_that_differs_in_anything_has_another_hash() -> None:
    for name, part in vars(stopped_line().shell.state).items():
        state = stopped_line().shell.state
        before = state.hash()
        if name == "network":
            continue
        if isinstance(part, int):
            setattr(state, name, part + 1)
        elif isinstance(part, dict):
            part_now: dict[object, object] = getattr(state, name)
            part_now[next(iter(part_now), "new")] = 12345
        else:
            getattr(state, name).append("new")
        assert state.hash() != before, name


# --- going on --------------------------------------------------------------------------------------------------------
def resumed(host: Host) -> Shell:
    return Shell(host.shell.master, ALWAYS, host.journal, Highs())


def test_an_engine_goes_on_where_the_journal_of_another_ends() -> None:
    host = stopped_line()
    before = len(host.journal.entries())
    shell = resumed(host)
    assert len(host.journal.entries()) == before, "reading a journal writes nothing"
    assert shell.state_hash() == host.shell.state_hash()
    assert shell.decision_hash() == host.shell.decision_hash() and shell.decisions()
    repeat = next(f.message for e in host.journal.entries() if isinstance(f := fact_of(e), facts.Heard))
    assert not shell.receive(repeat, 11 * DAY), "what the other has heard is no news"


def test_an_engine_that_leads_again_commands_in_its_new_epoch_and_counts_its_decisions_on() -> None:
    host = mid_draft()
    counter = host.shell.state.counter
    host.shell.lead(4, 10 * DAY)
    written = len(host.journal.entries())
    host.shell.lead(4, 10 * DAY)
    assert len(host.journal.entries()) == written, "it leads already"
    host.run(10 * DAY, 10 * DAY + HOUR)
    assert host.commands and {command.epoch for command in host.commands} == {4}
    assert host.shell.state.counter >= counter
    assert fold(host.shell.master, host.journal.entries()).epoch == 4, "who goes on from its journal leads too"


def test_a_draft_whose_case_is_lost_is_dropped_and_its_triggers_are_looked_at_again() -> None:
    host = mid_draft()
    lost = next(iter(host.shell.state.drafts.values()))
    shell = resumed(host)
    due = shell.step(10 * DAY + 10).wake_ms
    entry = next(e for e in host.journal.entries() if e.kind == "dropped")
    assert fact_of(entry) == facts.Dropped(lost.id, stale=True)
    commands = shell.step(due).commands
    assert [d.causes for d in shell.decisions()] == [("alpha.mes-1",)]
    assert {c.type for c in commands} == {"transfer_order.create"}
    assert {m.message.id for e in host.journal.entries() if isinstance(m := fact_of(e), facts.Announced)} == {
        "engine-1"
    }


# --- bounds ----------------------------------------------------------------------------------------------------------
def size(state: State) -> dict[str, int]:
    """Things the state holds, by its parts."""
    return {name: len(part) for name, part in vars(state).items() if isinstance(part, dict | list)}


def busy_days(host: Host, begin: int, days: int) -> None:
    """Orders that come and go, transfers that are made, moved and received, and a proposal a day that falls."""
    for day in range(begin, begin + days):
        at = day * DAY
        for n in range(3):
            name = f"late-{day}-{n}"
            host.tell("erp", "order.created", customer_order(name, at, at + DAY), at)
            host.tell("dc.wms", "shipment.departed", departed(name, "dc", "shop", 20), at)
        replenish(host, f"TO-{day}", 40, at)
        host.step(at)
        host.tell("alpha.wms", "transfer.departed", departed(f"TO-{day}", "alpha", "dc", 40, "A-X"), at)
        host.step(at + 1)
        done = {"order": f"PO-TO-{day}", "quantity": 40}
        host.tell("erp", "production_order.completed", done, at)
        receipt = {"site": "dc", "item": "X", "quantity": 40, "on_hand": 30, "order": f"TO-{day}"}
        host.tell("dc.wms", "receipt.posted", receipt, at)
        stop(host, "alpha.L1", at + HOUR, 4 * DAY)
        host.run(at + HOUR, at + 2 * HOUR)
        host.tell("alpha.mes", "line.resumed", {"line": "alpha.L1"}, at + 3 * HOUR)
        host.run(at + 3 * HOUR, at + 4 * HOUR)


def departed(order: str, source: str, target: str, pieces: int, item: str = "X") -> dict[str, object]:
    return {
        "shipment": f"S-{order}", "order": order, "item": item, "quantity": pieces, "source": source, "target": target,
        "on_hand": 0, "eta_ms": 0,
    }  # fmt: skip


def lines_run(call: Callable[[], object]) -> int:
    """Lines of Python executed in `sync` by the call: a cost that no other process disturbs."""
    count = 0

    def trace(frame, event, arg):  # type: ignore[no-untyped-def]
        nonlocal count
        if "/sync/" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def test_neither_the_state_nor_a_step_grows_with_what_is_over() -> None:
    host = Host(stocked_network(), ASK)
    sell(host, 10)
    window = KEPT_MS // DAY
    sizes, costs, decided = [], [], []
    for begin, days in ((10, window + 2), (12 + window, window)):
        busy_days(host, begin, days)
        at = (begin + days) * DAY
        sizes.append(size(host.shell.state))
        decided.append(len(host.shell.decisions()))
        host.tell("dc.wms", "stock.posted", stock("dc", 30), at)
        costs.append(lines_run(lambda at=at: host.shell.step(at - DAY // 2)))  # type: ignore[misc]
    assert decided[1] > decided[0] + window // 2, "it went on deciding"
    assert sizes[1] == sizes[0]
    assert costs[1] == costs[0]


def test_of_what_is_over_two_weeks_are_kept() -> None:
    host = Host(stocked_network())
    host.tell("erp", "order.delivered", {"order": "old", "quantity": 20}, 0)
    host.step(0)
    host.tell("erp", "order.delivered", {"order": "new", "quantity": 20}, KEPT_MS + 1)
    host.step(KEPT_MS + 1)
    assert list(host.shell.state.closed) == ["new"]


def test_of_dead_letters_the_last_are_kept_and_all_are_counted() -> None:
    host = Host(stocked_network())
    for n in range(LETTERS + 2):
        assert not host.tell("erp", "order.dreamt", {}, n)
    assert [letter.time_ms for letter in host.shell.dead_letters] == list(range(2, LETTERS + 2))
    assert host.shell.dead == resumed(host).dead == LETTERS + 2


def test_the_inbox_remembers_so_many_of_each_source() -> None:
    host = Host(stocked_network())
    inbox = Inbox(host.shell.network)
    first = host.message("dc.wms", "stock.posted", stock("dc", 1), 0)
    for n in range(REMEMBERED):
        assert inbox.take(first) is None or n == 0
        inbox.saw(first if n == 0 else host.message("dc.wms", "stock.posted", stock("dc", 1), 0))
    inbox.saw(host.message("beta.wms", "stock.posted", stock("beta", 1), 0))
    assert inbox.take(first) is None, "another source takes none of its places"
    inbox.saw(host.message("dc.wms", "stock.posted", stock("dc", 1), 0))
    assert inbox.take(first) is not None
