"""ERP: static rules, whole lots, and commands that are carried out at most once, or refused with a reason."""

from pathlib import Path

import pytest

from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import Twin, assemble
from sync.vocabulary.commands import Ack, Command
from tests.common.worlds import load

DAY = 86_400.0
NETWORK = """\
items: [{id: A}]
plants:
  - {id: north, lines: [{id: L1, rate: 240/d, makes: [{item: A, lot: 60}]}]}
  - {id: south, lines: [{id: L1, rate: 240/d, makes: [{item: A, lot: 60}]}], codes: {A: "S-1"}}
warehouses:
  - {id: dc, stock: {A: 100}, replenish: {A: {s: 50, S: 150, from: [north, south]}}}
customers:
  - {id: c, served_by: [dc], orders: {every: 6h, items: {A: 1}, quantity: 20, due: 1d, late_penalty: 5/pcs/d}}
lanes:
  - {from: [north, south], to: dc, time: 1d, cost: 1/pcs}
  - {from: dc, to: c, time: 2h, cost: 1/pcs}
"""


@pytest.fixture
def twin(tmp_path: Path) -> Twin:
    return assemble(load(tmp_path, NETWORK, "20d").scenario, "none", 5)


def answers(twin: Twin, *commands: Command, until_s: float = 60.0) -> list[Ack]:
    acks: list[Ack] = []
    twin.on_ack(acks.append)
    for command in commands:
        twin.command(command)
    twin.env.advance(twin.env.now + until_s)
    return acks


def command(kind: str, n: int = 1, not_after_ms: int = -1, epoch: int = 1, **data: object) -> Command:
    return Command(id=f"D-1/{n}", target="erp", type=kind, time_ms=0, not_after_ms=not_after_ms, data=data, epoch=epoch)


CREATE = {"order": "TO-x", "item": "A", "quantity": 70, "source": "south", "target": "dc", "due_ms": 9}


def test_replenishment_orders_up_to_the_level_when_the_position_has_fallen_to_the_reorder_point(twin: Twin) -> None:
    twin.env.advance(20 * DAY)
    transfers = [o for o in twin.network.book.orders.values() if o.kind == "transfer"]
    assert {o.site for o in transfers} == {"north"}  # the first of the list, and only that
    # 100, 80, 60, 40: up to 150 from 40; then 150, 130, ..., 50: from 50
    assert [o.quantity for o in transfers[:3]] == [110, 100, 100]
    made = [o for o in twin.network.book.orders.values() if o.kind == "production"]
    assert all(o.quantity % 60 == 0 for o in made)


def test_book_and_truth_agree_when_every_message_has_arrived(twin: Twin) -> None:
    twin.env.advance(20 * DAY - 1.0)
    twin.env.advance(20 * DAY)
    for (site, item), book in twin.erp.records.book.items():
        assert book == twin.network.sites[site].on_hand[item], site


def test_a_command_is_applied_once_however_often_it_is_sent(twin: Twin) -> None:
    twice = command("transfer_order.create", **CREATE)
    acks = answers(twin, twice, twice)
    assert [a.status for a in acks] == ["done", "duplicate"]
    assert sum(o.quantity for o in twin.network.book.orders.values() if o.kind == "production") == 120


def test_commands_of_an_older_engine_or_past_their_time_are_not_applied(twin: Twin) -> None:
    late = command("transfer_order.create", 1, not_after_ms=0, **CREATE)
    newer = command("transfer_order.create", 2, epoch=3, **CREATE)
    older = command("transfer_order.create", 3, epoch=2, **{**CREATE, "order": "TO-y"})
    assert [a.status for a in answers(twin, late, newer, older)] == ["expired", "done", "refused"]
    assert "TO-y" not in twin.network.book.orders


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("transfer_order.create", {**CREATE, "source": "nort"}, "there is no site nort"),
        ("transfer_order.create", {**CREATE, "quantity": 0}, "transfer_order.create: Expected `int` >= 1"),
        ("transfer_order.create", {**CREATE, "item": "B"}, "there is no item B"),
        ("transfer_order.create", {**CREATE, "colour": "red"}, "transfer_order.create: Object contains unknown field"),
        ("transfer_order.reduce", {"order": "TO-99", "quantity": 5}, "there is no transfer order TO-99"),
        ("order.resource", {"order": "c-99", "site": "dc"}, "there is no customer order c-99"),
        ("order.resource", {"order": "c-1", "site": "north"}, "c-1 is done"),
        ("order.burn", {}, "order.burn is not a command of erp"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(
    twin: Twin, kind: str, data: dict[str, object], reason: str
) -> None:
    twin.env.advance(2 * DAY)
    (ack,) = answers(twin, command(kind, **data))
    assert ack.status == "refused"
    assert ack.reason.startswith(reason)


def test_a_reduced_transfer_takes_back_the_lots_that_are_not_started(twin: Twin) -> None:
    big = command("transfer_order.create", 1, **{**CREATE, "quantity": 600})
    less = command("transfer_order.reduce", 2, order="TO-x", quantity=540)
    acks = answers(twin, big, less)
    assert [a.status for a in acks] == ["done", "done"]
    twin.env.advance(5 * DAY)
    made = [o for o in twin.network.book.orders.values() if o.kind == "production" and o.site == "south"]
    assert sum(o.standing for o in made) == 60
    assert twin.network.sites["south"].on_hand["A"] == 0


def test_messages_of_a_plant_carry_its_own_item_codes_and_the_books_are_kept_in_ours(twin: Twin) -> None:
    answers(twin, command("transfer_order.create", **CREATE), until_s=2 * DAY)
    codes = {m.data["item"] for _, m in twin.bus.log if m.source in ("south.mes", "south.wms")}
    assert codes == {"S-1"}
    assert twin.erp.records.book["south", "A"] == twin.network.sites["south"].on_hand["A"]


def test_an_order_that_no_plant_has_started_can_be_served_from_elsewhere(tmp_path: Path) -> None:
    network = NETWORK.replace("served_by: [dc]", "served_by: [north, south]").replace(
        "{from: dc, to: c,", "{from: [north, south], to: c,"
    )
    twin = assemble(load(tmp_path, network, "20d").scenario, "none", 5)
    twin.disruptions.begin(_stop("north.L1"))
    twin.env.advance(6.5 * 3600)
    (ack,) = answers(twin, command("order.resource", order="c-1", site="south"))
    assert ack.status == "done"
    twin.env.advance(3 * DAY)
    order = twin.network.book["c-1"]
    assert (order.site, order.state, order.first_site) == ("south", "done", "north")


def _stop(line: str):  # type: ignore[no-untyped-def]
    from plants.definition import DisruptionSpec

    return DisruptionSpec("stop", "line-down", line)


def test_local_planners_go_down_the_list_when_the_first_source_is_called_in_as_stopped() -> None:
    scenario = load_scenario("line-stoppage", ["horizon=25d"]).scenario
    sources = {}
    for way in ("none", "fragmented"):
        twin = assemble(scenario, way, 7)
        twin.env.advance(scenario.horizon_s)
        orders = twin.network.book.orders.values()
        sources[way] = {
            o.site for o in orders if o.kind == "transfer" and o.target == "dc-west" and o.item == "GEARBOX-A"
        }
    assert sources == {"none": {"lyon"}, "fragmented": {"lyon", "porto"}}
