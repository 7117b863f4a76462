"""The shell: what it takes, what it refuses, and that the same facts always give the same decisions."""

from itertools import permutations

from sync.core.facts import Withdrawn
from sync.shell.journal import MemoryJournal, first_bad
from sync.vocabulary.commands import Ack
from sync.vocabulary.wording import dead_letter_said
from tests.common.engineworld import DAY, HOUR, Host, replenish, sell, stock, stocked_network, stop, stopped_line


def test_the_same_facts_twice_give_the_same_decisions_state_and_journal() -> None:
    one, two = stopped_line(), stopped_line()
    assert one.shell.decision_hash() == two.shell.decision_hash()
    assert one.shell.state_hash() == two.shell.state_hash()
    assert one.journal.head() == two.journal.head()
    assert one.shell.decisions()


def test_unrelated_facts_of_one_instant_may_come_in_any_order() -> None:
    hashes = set()
    for order in permutations(range(4)):
        host = Host(stocked_network())
        sell(host, 10)
        host.step(10 * DAY - HOUR)
        at = 10 * DAY
        replenish(host, "TO-1", 300, at)
        told = [
            host.message("alpha.mes", "line.stopped",
                         {"line": "alpha.L1", "reason": "x", "since_ms": at, "expected_ms": 4 * DAY}, at),
            host.message("dc.wms", "stock.posted", stock("dc", 150), at),
            host.message("beta.wms", "stock.posted", stock("beta", 20), at),
            host.message("tms", "lane.opened", {"lane": "dc>shop"}, at),
        ]  # fmt: skip
        for n in order:
            host.shell.receive(told[n], at)
        host.run(at, at + HOUR)
        hashes.add(host.shell.decision_hash())
        assert host.commands
    assert len(hashes) == 1


def test_a_repeated_message_is_ignored() -> None:
    host = Host(stocked_network())
    message = host.message("dc.wms", "stock.posted", stock("dc", 7), 5)
    assert host.shell.receive(message, 5)
    assert not host.shell.receive(message, 6)
    host.step(6)
    assert host.shell.state.on_hand["dc", "X"] == 7
    assert host.shell.dead == 0


def test_the_same_id_from_another_source_is_another_message() -> None:
    host = Host(stocked_network())
    assert host.shell.receive(host.message("dc.wms", "stock.posted", stock("dc", 7), 5, "m1"), 5)
    assert host.shell.receive(host.message("beta.wms", "stock.posted", stock("beta", 7), 5, "m1"), 5)


def test_an_unknown_type_an_unmapped_code_and_a_bad_body_are_dead_letters_with_a_reason() -> None:
    host = Host(stocked_network())
    assert not host.tell("erp", "order.dreamt", {}, 1)
    assert not host.tell("alpha.wms", "stock.posted", {**stock("alpha", 1), "item": "Q-77"}, 1)
    assert not host.tell("dc.wms", "stock.posted", {"site": "dc"}, 1)
    letters = list(host.shell.dead_letters)
    assert [(letter.code, letter.about) for letter in letters[:2]] == [
        ("unknown_type", "order.dreamt"),
        ("unmapped_item", "Q-77"),
    ]
    assert letters[2].code == "bad_body" and "item" in letters[2].about
    assert dead_letter_said(letters[1].message, letters[1].code, letters[1].about) == (
        "item code 'Q-77' of alpha.wms is not mapped"
    )


def test_a_plants_own_item_code_is_translated() -> None:
    host = Host(stocked_network())
    assert host.tell("alpha.wms", "stock.posted", {**stock("alpha", 9), "item": "A-X"}, 1)
    host.step(1)
    assert host.shell.state.on_hand["alpha", "X"] == 9


def test_the_engine_does_not_listen_to_itself() -> None:
    host = Host(stocked_network())
    body = {"proposal": "D-1", "approved": True, "person": "planner"}
    assert not host.tell("engine", "approval.given", body, 1)


def test_an_acknowledgement_of_an_unknown_command_changes_nothing() -> None:
    host = Host(stocked_network())
    host.step(0)
    before = host.shell.state_hash()
    host.shell.acknowledge(Ack(command="D-9/1", source="erp", time_ms=1, status="done"), 1)
    host.step(1)
    assert host.shell.state_hash() == before


def test_commands_carry_decision_epoch_plan_and_an_expiry() -> None:
    host = stopped_line()
    assert host.commands
    for command in host.commands:
        decision = command.id.split("/", maxsplit=1)[0]
        assert decision in {d.id for d in host.shell.decisions()}
        assert command.epoch == 1
        assert command.plan_hash
        assert command.not_after_ms > command.time_ms


def test_a_wake_up_is_always_later_than_now() -> None:
    host = Host(stocked_network())
    sell(host, 2)
    for now in range(0, DAY, 5 * HOUR):
        assert host.step(now).wake_ms > now


def test_the_journal_chain_names_the_first_fact_that_was_changed() -> None:
    journal = MemoryJournal()
    for n in range(5):
        journal.append(n, Withdrawn(f"scope {n}"))
    entries = journal.entries()
    assert first_bad(entries) == 0
    entries[2] = type(entries[2])(3, 2, "withdrawn", '{"kind":"withdrawn","scope":"scope 9"}', entries[2].chain)
    assert first_bad(entries) == 3


def test_the_journal_of_a_run_with_decisions_is_whole() -> None:
    host = stopped_line()
    stop(host, "beta.L1", 11 * DAY, 4 * DAY)
    host.run(11 * DAY, 11 * DAY + HOUR)
    assert first_bad(host.journal.entries()) == 0
