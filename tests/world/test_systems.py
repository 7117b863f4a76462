"""Systems by registry: a class says what a system is, and whoever asks needs no second list."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from plants import extensions
from plants.errors import ExtensionError
from plants.systems import registry
from plants.systems.mes import Mes
from plants.systems.qms import Qms
from plants.systems.system import System
from scenarios.errors import InputError
from scenarios.twin.assembly import Twin, assemble
from scenarios.twin.injection import names
from sync.vocabulary import messages as m
from sync.vocabulary.commands import COMMANDS, Command
from sync.vocabulary.messages import BODIES, Body, Message, message
from tests.common.worlds import load

NETWORK = """\
items: [{id: A}]
plants:
  - {id: n, lines: [{id: L1, rate: 240/d, makes: [{item: A, lot: 60}]}], systems: {}}
warehouses:
  - {id: dc, stock: {A: 100}, replenish: {A: {s: 50, S: 150, from: n}}}
customers:
  - {id: c, served_by: [dc], orders: {every: 6h, items: {A: 1}, quantity: 20, due: 1d, late_penalty: 5/pcs/d}}
lanes:
  - {from: n, to: dc, time: 1d, cost: 1/pcs}
  - {from: dc, to: c, time: 2h, cost: 1/pcs}
"""


class Pressed(Body, frozen=True, kw_only=True):
    """Somebody pulled the cord."""

    line: str


class Andon(System):
    """The cord above a line: pulled whenever a lot is counted; hears only what ERP releases."""

    name, per = "andon", "plant"
    publishes = (Pressed,)
    hears = (m.ProductionOrderReleased,)

    def attach(self) -> None:
        self.heard: list[Message] = []
        plant = self.network.plants[self.owner]
        plant.on_lot.append(lambda line, lot: self.channel.post(line.id, Pressed(line=line.id)))

    def hear(self, message: Message) -> None:
        self.heard.append(message)


@pytest.fixture
def andon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Andon as an installed package brings it: offered under the entry point group."""
    point = EntryPoint("andon", f"{__name__}:Andon", registry.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Andon if self is point else None)
    monkeypatch.setattr(extensions, "entry_points", lambda group: [point] if group == registry.GROUP else [])
    message("andon.pressed")(Pressed)
    monkeypatch.setattr(registry, "SYSTEMS", registry.registered(registry._all()))
    yield
    del BODIES["andon.pressed"]


def simulated(tmp_path: Path, network: str = NETWORK, way: str = "none") -> Twin:
    twin = assemble(load(tmp_path, network, "10d").scenario, way, 3)
    twin.env.advance(10 * 86_400.0)
    return twin


def test_a_system_that_a_package_brings_stands_in_the_world_like_one_of_ours(andon: None, tmp_path: Path) -> None:
    twin = simulated(tmp_path, NETWORK.replace("systems: {}", "systems: {andon: {posts: batch, every: 2h}}"))
    pressed = [(at, said) for at, said in twin.bus.log if said.type == "andon.pressed"]
    lots = [said for _, said in twin.bus.log if said.type == "production.confirmed"]
    assert len(pressed) == len(lots) > 3
    assert {said.source for _, said in pressed} == {"n.andon"}
    assert all(at % 7_200_000 == 0 for at, _ in pressed), "its channel is not the one the file describes"
    released = [said for _, said in twin.bus.log if said.type == "production_order.released"]
    assert twin.systems.of(Andon, "n").heard == released, "it heard more than it hears"
    assert "n.andon" in names(twin.network.spec)["systems"]


def test_a_system_that_nobody_brings_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown system 'andon'\. allowed: mes, wms, qms, cmms"):
        load(tmp_path, NETWORK.replace("systems: {}", "systems: {andon: {posts: batch, every: 2h}}"), "10d")


@pytest.mark.parametrize(
    ("loads", "why"),
    [
        (Message, "it is no subclass of plants.systems.system.System"),
        (type("Mute", (System,), {"name": "mute", "per": "plant"}), "the class says no publishes"),
        (type("Second", (Mes,), {}), "there is a system mes already. allowed: another name"),
        (type("Lost", (Mes,), {"name": "lost", "per": "galaxy"}), "lost is per galaxy. allowed: out of network, plant"),
        (None, "cannot be used: ImportError: no such module"),
    ],
)
def test_what_a_package_offers_and_cannot_be_a_system_is_refused_by_name(
    loads: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_point(self: EntryPoint) -> object:
        if loads is None:
            raise ImportError("no such module")
        return loads

    point = EntryPoint("odd", "package:Odd", registry.GROUP)
    monkeypatch.setattr(EntryPoint, "load", load_point)
    monkeypatch.setattr(extensions, "entry_points", lambda group: [point])
    with pytest.raises(ExtensionError) as refused:
        registry.registered(registry._all())
    assert str(refused.value).startswith("the entry point odd = package:Odd") and why in str(refused.value)


def test_systems_are_found_by_class_and_owner_and_nothing_else_is(tmp_path: Path) -> None:
    twin = simulated(tmp_path)
    assert twin.systems.of(Mes, "n").channel.source == "n.mes"
    assert list(twin.systems.every(Qms)) == ["n", "dc"], "quality can hold goods in a warehouse too"
    with pytest.raises(KeyError):
        twin.systems.of(Mes, "dc")
    assert set(twin.systems.by_source) == set(registry.sources(["n"], ["dc"], []))


def test_a_command_is_declared_with_the_system_that_carries_it_out() -> None:
    carried_out = {body: name for name, each in registry.SYSTEMS.items() for body in each.executes}
    assert carried_out == {body: body.executed_by for body in COMMANDS.values()}


def test_a_command_to_a_system_that_takes_none_is_refused_and_says_who_does(tmp_path: Path) -> None:
    twin = simulated(tmp_path)
    twin.command(Command(id="x", target="n.mes", type="order.resource", time_ms=0, not_after_ms=-1, data={}))
    assert twin.takes_commands() == ("erp",)
    assert (twin.acks["x"].status, twin.acks["x"].reason) == (
        "refused",
        "no system n.mes takes commands. known: erp",
    )


def test_a_system_says_only_what_its_class_declares(tmp_path: Path) -> None:
    twin = simulated(tmp_path)
    declared = {source: set(system.publishes) for source, system in twin.systems.by_source.items()}
    said = {(message.source, BODIES[message.type]) for _, message in twin.bus.log}
    assert {m.OrderCreated, m.TransferDeparted, m.ProductionConfirmed} <= {body for _, body in said}
    assert [pair for pair in said if pair[1] not in declared[pair[0]]] == []
