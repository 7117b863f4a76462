"""One world on the machine floor and on SimPy lines, held against each other; and small worlds to try it on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plants import definition as d
from plants.floor.line import Line
from plants.floor.lots import Lot
from plants.network.plant import Plant
from scenarios.twin.assembly import Twin, assemble
from sim.streams import Law, constant

DAY = 86_400.0
LATE = 1 << 60
Draw = Callable[..., Any]


@dataclass
class Ties:
    """Instants at which two ask for the same thing. Who is first there is decided by the floor's own order (world.md:
    by slot of the line, then by the line's own sequence), which lines of SimPy processes do not have."""

    found: list[tuple[float, str]] = field(default_factory=list)  # (seconds, what)
    _asked: dict[str, tuple[float, str]] = field(default_factory=dict)

    def watch(self, twin: Twin) -> None:
        """Note who asks crews, and who asks plants for scarce material."""
        for plant in twin.network.plants.values():
            for crew_id, crew in twin.network.crews[plant.id].items():
                crew.people.request = self._crew(f"{plant.id}.{crew_id}", twin, crew.people.request)  # type: ignore[method-assign]
            plant.take_materials = self._material(plant, twin, plant.take_materials)  # type: ignore[method-assign]

    def _crew(self, name: str, twin: Twin, request: Draw) -> Draw:
        def asked() -> Any:
            self._same(name, str(len(self.found)), twin.env.now, other=True)
            return request()

        return asked

    def _material(self, plant: Plant, twin: Twin, take: Draw) -> Draw:
        def asked(line: Line, lot: Lot) -> bool:
            for item, each in plant.needs.get(lot.item, {}).items():
                if plant.on_hand.get(item, 0) < 12 * each:
                    self._same(f"{plant.id} {item}", line.id, twin.env.now)
            return bool(take(line, lot))

        return asked

    def _same(self, what: str, who: str, now: float, other: bool = False) -> None:
        at, before = self._asked.get(what, (-1.0, ""))
        if at == now and (other or before != who):
            self.found.append((now, what))
        self._asked[what] = (now, who)


def ran(scenario: d.ScenarioSpec, way: str, seed: int, reference: bool, ties: Ties | None = None) -> Twin:
    twin = assemble(scenario, way, seed, reference=reference)
    if ties is not None:
        ties.watch(twin)
    twin.env.advance(scenario.horizon_s)
    twin.finish()
    return twin


def _rows(table: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(*table.values(), strict=True))


def differences(floor: Twin, reference: Twin) -> list[tuple[int, str]]:
    """What is not equal in two worlds: (since when, in words). Rows of one instant may stand in another order."""
    found: list[tuple[int, str]] = []
    ours, theirs = floor.result(), reference.result()
    for name in ("ledger", "orders", "messages"):
        a, b = Counter(_rows(ours.tables[name])), Counter(_rows(theirs.tables[name]))
        for row in sorted((a - b) | (b - a), key=str):
            since = LATE if name == "orders" else int(row[0])
            found.append((since, f"{name} {'floor only' if a[row] > b[row] else 'reference only'}: {row}"))
    for name, line in floor.network.lines.items():
        mine, other = (of.changes().seconds(of.shifts, floor.env.now) for of in (line, reference.network.lines[name]))
        for machine, state in sorted(
            {(m, state) for of in (mine, other) for m, spent in of.items() for state in spent}
        ):
            one, two = mine[machine].get(state, 0.0), other[machine].get(state, 0.0)
            if abs(one - two) > 1e-3:
                found.append((LATE, f"{name}.{machine} {state}: {one} s against {two} s"))
    both = [k for k in ours.kpis if k in theirs.kpis]  # planned time by state is counted on the floor only
    found += [
        (LATE, f"kpi {k}: {ours.kpis[k]} against {theirs.kpis[k]}") for k in both if ours.kpis[k] != theirs.kpis[k]
    ]
    return sorted(found)


def agree(scenario: d.ScenarioSpec, way: str, seed: int) -> bool:
    """Hold both worlds against each other; False where they differ from a tie on."""
    ties = Ties()
    found = differences(ran(scenario, way, seed, False), ran(scenario, way, seed, True, ties))
    if found and ties.found and ties.found[0][0] * 1000 <= found[0][0]:
        print(f"seed {seed}, {way}: a tie, {ties.found[0]}")
        return False
    assert not found, f"seed {seed}, {way}\n" + "\n".join(text for _, text in found[:40])
    return True


def machined(
    name: str, item: str = "F1", lot: int = 10, cycle: float = 600.0, units: int = 1, **more: Any
) -> d.LineSpec:
    machine = d.MachineSpec("M1", Law("uniform", (0.5 * cycle, 1.5 * cycle)), parallel=units)
    return d.LineSpec(name, (d.MakeSpec(item, lot),), **{"machines": (machine,), **more})


def small_world(lines: tuple[d.LineSpec, ...], stock: dict[str, int], **more: Any) -> d.ScenarioSpec:
    """One plant whose lines make F1 and F2 of C1 (and C2), and a warehouse that wants so many of them."""
    wants = more.pop("wants", {"F1": 100, "F2": 100})
    plant = d.PlantSpec(
        "p1", stock=stock, lines=lines, capacity=more.pop("capacity", None), replenish=more.pop("buys", {})
    )
    made = {make.item for line in lines for make in line.makes}
    dc = d.WarehouseSpec(
        "dc", replenish={i: d.ReplenishSpec("sS", ("p1",), n - 1, n) for i, n in wants.items() if i in made}
    )
    network = d.NetworkSpec(
        "small", items=tuple(d.ItemSpec(i) for i in ("F1", "F2", "H", "C1", "C2")),
        boms=(d.BomSpec("F1", {"C1": 1}), d.BomSpec("F2", {"C1": 1, "C2": 1}), d.BomSpec("H", {"C1": 1})),
        plants=(plant,),
        suppliers=(d.SupplierSpec("s", {"C1": d.SupplierItemSpec(more.pop("lead", constant(7_000.3)))}),),
        warehouses=(dc,),
        lanes=(d.LaneSpec("p1", "dc", constant(3_600.0)), d.LaneSpec("s", "p1", constant(3_600.0))),
    )  # fmt: skip
    return d.ScenarioSpec("small", network, horizon_s=more.pop("days", 3.0) * DAY, **more)
