"""KPIs: each is one function that says its unit, direction and sources; the table of them cannot lie."""

import os
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plants import extensions
from plants.definition import NetworkSpec
from plants.extensions import Offer
from plants.kpis import registry
from plants.kpis.kpi import Kpi, kpi
from plants.kpis.measured import SOURCES, Measured, percentile
from plants.kpis.registry import definition, kpis, measure, ordered
from plants.network.shipment import Shipment
from scenarios.files.loader import Loaded, load_scenario
from scenarios.twin.assembly import Twin
from scenarios.twin.runner import run_scenario
from tests.common.worlds import load, ran

TABLE = Path(__file__).resolve().parents[2] / "docs" / "kpis.md"

SHOP = """\
items: [{id: A, value: 3, price: 5}]
plants: [{id: n, stock: {A: 400}, lines: [{id: L1, rate: 1000/d, makes: [{item: A}]}]}]
warehouses: [{id: dc, stock: {A: 50}, replenish: {A: {s: 50, S: 100, from: [n]}}}]
customers:
  - {id: c, served_by: [dc], orders: {every: 6h, items: {A: 1}, quantity: 10, due: 1d}}
  - {id: g, served_by: [dc], orders: {file: given.csv}}
lanes: [{from: n, to: dc, time: 5h, cost: 1/pcs}, {from: dc, to: [c, g], time: 1h, cost: 2/pcs}]
"""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return ran(shop(tmp_path_factory.mktemp("shop")))


def shop(folder: Path, horizon: str = "10d", more: str = "") -> Loaded:
    """A customer who draws orders without end, and one who has a list of them."""
    (folder / "given.csv").write_text("id,at,item,quantity,due\ng-1,1d,A,10,2d\n")
    return load(folder, SHOP, horizon, more=more)


def measured(twin: Twin) -> Measured:
    return twin.measured([])


def written() -> str:
    """The table of KPIs and the one of their sources, as they stand in docs/kpis.md."""
    rows, group = [], ""
    for k in kpis().values():
        shown = k.group if k.group != group else ""
        group, formula = k.group, k.formula.replace("|", "\\|")
        rows.append(f"| {shown} | `{k.written}` | {k.unit} | {k.better or '-'} | {formula} | {', '.join(k.reads)} |")
    return "\n".join(
        ["# KPIs", "",
         "Written from the functions in `plants/kpis` (their docstrings are the formulas) and held against them by a",
         "test; `UPDATE_EXPECTED=1 pytest tests/world/test_kpis.py` writes it anew. Money is in the network's",
         "currency. The KPIs of other packages (entry points of the group `plantsync.kpis`) stand beside these in the",
         "report's table.",
         "", "| theme | KPI | unit | better | formula | reads |", "|---|---|---|---|---|---|", *rows, "",
         "| source | what it is made of |", "|---|---|", *(f"| {name} | {of} |" for name, of in SOURCES.items()), ""]
    )  # fmt: skip


def test_the_documented_table_is_what_the_functions_say() -> None:
    if os.environ.get("UPDATE_EXPECTED"):
        TABLE.write_text(written(), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == written()


class Watch(Measured):
    """Notes which sources are read."""

    def __getattribute__(self, name: str) -> Any:
        if name in SOURCES:
            object.__getattribute__(self, "__dict__").setdefault("read", set()).add(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("name", kpis())
def test_a_kpi_reads_the_sources_that_it_names_and_no_other(twin: Twin, name: str) -> None:
    world = Watch(**{k: getattr(measured(twin), k) for k in Measured.__dataclass_fields__})
    kpis()[name].of(world)
    assert world.__dict__.get("read", set()) == set(kpis()[name].reads)


def test_a_run_has_every_kpi_and_every_kpi_of_a_run_is_known(twin: Twin) -> None:
    values = twin.result().kpis
    assert {name.partition(".")[0] for name in values} == set(kpis())
    assert values["lane_cost"] == values["transfer_cost"] + 2 * 10 * values["orders_served"]  # type: ignore[operator]
    assert list(values) == ordered(values)


def test_a_kpi_of_a_place_is_known_by_its_first_word_and_an_unknown_one_has_no_unit_and_comes_last() -> None:
    assert definition("utilisation.lyon.L1") is kpis()["utilisation"]
    assert (definition("serenity").unit, definition("serenity").judge(1.0)) == ("", "")
    assert ordered(["serenity", "wip", "oee.n.L1", "otif"]) == ["otif", "wip", "oee.n.L1", "serenity"]


@pytest.mark.parametrize(
    ("name", "change", "verdict"),
    [("otif", 0.1, "better"), ("otif", -0.1, "worse"), ("late_cost", 5, "worse"), ("late_cost", -5, "better"),
     ("late_cost", 0, ""), ("orders_total", 7, "")],
)  # fmt: skip
def test_a_change_is_judged_by_the_kpis_own_direction(name: str, change: float, verdict: str) -> None:
    assert definition(name).judge(change) == verdict


def test_a_percentile_is_the_value_that_so_many_lie_below() -> None:
    assert percentile(range(100), 0.95) == 95
    assert (percentile([7], 0.99), percentile([], 0.99)) == (7, None)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"reads": ("stars",)}, "reads 'stars'"), ({"better": "more", "reads": ()}, "better 'more'"),
     ({"reads": (), "by": "mood"}, "by 'mood'")],
)  # fmt: skip
def test_a_kpi_that_says_what_cannot_be_is_refused_when_it_is_written(given: dict[str, Any], said: str) -> None:
    def nonsense(world: Measured) -> float:
        """Nothing."""
        return 0.0

    with pytest.raises(ValueError, match=said):
        kpi("pcs", **given)(nonsense)


def test_a_kpi_without_a_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="no docstring"):
        kpi("pcs", reads=())(lambda _: 0.0)


TRANSFER = """\
items: [{id: A}]
warehouses:
  - {id: a, stock: {A: 500}}
  - {id: b, stock: {A: 0}, replenish: {A: {s: 0, S: 90, from: [a]}}}
lanes: [{from: a, to: b, time: 5h, cost: 1/pcs}]
"""


@pytest.mark.parametrize(
    ("more", "hours"),
    [("", 5.0),
     ("disruptions: [{id: x, kind: lane-closed, target: a>b, at: 2h, for: 10h, goods: hold}]", 15.0),
     ("disruptions: [{id: x, kind: site-closed, target: b, at: 2h, for: 2d}]", 53.0)],
    ids=["constant lane", "held on the lane", "target closed meanwhile"],
)  # fmt: skip
def test_a_transfer_takes_from_its_departure_to_its_receipt(tmp_path: Path, more: str, hours: float) -> None:
    kpis = ran(load(tmp_path, TRANSFER, more=more)).result().kpis
    assert kpis["transfer_cycle_time"] == kpis["transfer_cycle_time_p95"] == hours


def test_transfers_are_counted_when_they_are_received_after_the_warm_up_and_nothing_else_is() -> None:
    hour = 3_600_000
    shipments = [Shipment("transfer", 0, received_ms=n * hour) for n in range(1, 121)]
    shipments += [Shipment("purchase", 0, received_ms=900 * hour), Shipment("customer", 0, received_ms=900 * hour)]
    shipments += [Shipment("transfer", 0)]  # lost, or still on its way
    world = measured_of(shipments, warmup_s=20.5 * 3600)
    assert value("transfer_cycle_time", world) == pytest.approx(sum(range(21, 121)) / 100)
    assert value("transfer_cycle_time_p95", world) == 116
    none = measured_of(shipments[120:], warmup_s=0)
    assert value("transfer_cycle_time", none) is value("transfer_cycle_time_p95", none) is None


def value(name: str, world: Measured) -> float | None:
    """The KPI of the whole network."""
    found: Any = kpis()[name].of(world)
    return found.whole()  # type: ignore[no-any-return]


def measured_of(shipments: list[Shipment], warmup_s: float) -> Measured:
    """A world of which only its shipments are known."""
    return Measured(SimpleNamespace(shipments=shipments, spec=NetworkSpec("n")), 1e9, warmup_s)  # type: ignore[arg-type]


# --- other people's --------------------------------------------------------------------------------------------------
@kpi("kg", "lower", reads=("departures",))
def carbon(world: Measured) -> float:
    """Half a kilogram a departure."""
    return len(world.departures) / 2


@kpi("1", reads=("orders",))
def broken(world: Measured) -> float:
    """Orders / nothing."""
    return len(world.orders) / 0


@kpi("1", reads=())
def endless(world: Measured) -> float:
    """No end of it."""
    return float("inf")


@kpi("1", reads=(), by="line")
def placeless(world: Measured) -> float:
    """One number where one a line was promised."""
    return 1.0


@kpi("share", reads=())
def otif(world: Measured) -> float:
    """A name that is taken."""
    return 1.0


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Pretend that a package with entry points `name -> object` is installed."""

    def pretend(**objects: Any) -> None:
        found = []
        for name, what in objects.items():
            load = (lambda what=what: what) if not isinstance(what, Exception) else (lambda what=what: _raise(what))
            found.append(SimpleNamespace(name=name, value=f"somebody:{name}", load=load))
        monkeypatch.setattr(extensions, "entry_points", lambda group: found if group == registry.GROUP else [])
        registry._found.cache_clear()

    yield pretend
    monkeypatch.undo()
    registry._found.cache_clear()


def _raise(fault: Exception) -> None:
    raise fault


def test_the_kpi_of_another_package_is_one_like_any_other(installed: Any, twin: Twin) -> None:
    installed(carbon=carbon)
    result = twin.result()
    assert result.kpis["carbon"] == len(twin.network.shipments) / 2 and result.faults == []
    assert definition("carbon").unit == "kg" and list(kpis())[-1] == "carbon"


def test_an_entry_point_as_it_stands_in_a_wheel_is_loaded() -> None:
    entry = EntryPoint("otif", "plants.kpis.service:otif", "plantsync.kpis")
    assert Offer(entry).instance(Kpi) is kpis()["otif"]


def test_a_kpi_that_fails_is_named_and_every_other_is_there(installed: Any, twin: Twin) -> None:
    before = measure(measured(twin)).values
    installed(a=broken, b=endless, c=placeless, d=otif, e=SimpleNamespace(), f=ImportError("no such module"))
    found = measure(measured(twin))
    values, faults = found.values, found.faults
    assert values == before | {"broken": None, "endless": None}
    assert sorted(faults) == [
        "KPI broken could not be computed: ZeroDivisionError: division by zero",
        "KPI endless could not be computed: ValueError: endless is inf. expected: a finite number, or None where it is"
        " not defined",
        "KPI placeless could not be computed: TypeError: it returned float. expected: a value per line",
        "the entry point d = somebody:d cannot be used: there is a KPI otif already. allowed: another name",
        "the entry point e = somebody:e cannot be used: it is of type SimpleNamespace. allowed: a plants.kpis.kpi.Kpi",
        "the entry point f = somebody:f cannot be used: ImportError: no such module",
    ]


def test_a_run_with_a_kpi_that_fails_is_partial_and_keeps_its_numbers(installed: Any) -> None:
    installed(broken=broken)
    run = run_scenario(load_scenario("serial-line", ["horizon=2d", "warmup=0d"]), ["none"], 7, 2, jobs=1)
    assert run.status == "partial"
    assert run.failures == ["none: KPI broken could not be computed: ZeroDivisionError: division by zero"]
    assert [rep.kpis["throughput"] is not None for rep in run.ways["none"]] == [True, True]


def test_other_peoples_kpis_may_be_held_to_thresholds(installed: Any, tmp_path: Path) -> None:
    installed(carbon=carbon)
    loaded = shop(tmp_path, "5d", "thresholds: {carbon: '< 1'}")
    run = run_scenario(loaded, ["none"], 7, 1, jobs=1)
    assert [(t.kpi, t.passed) for t in run.thresholds] == [("carbon", False)]


def test_every_kpi_stands_in_the_module_of_a_theme() -> None:
    assert all(isinstance(k, Kpi) and k.group in {t.__name__.rsplit(".", 1)[-1] for t in registry.THEMES}
               for k in kpis().values())  # fmt: skip


MACHINES = """\
calendars: [{id: day, week: {mon-sun: "06:00-22:00"}}]
items: [{id: A, value: 1}]
plants:
  - id: n
    lines:
      - id: L1
        calendar: day
        machines:
          - {id: M1, cycle: 2min, maintenance: [{every: 24h, for: 30min}]}
          - {id: M2, cycle: 5min, parallel: 2, fails: {after: {exponential: 30h}, repair: 40min}, scrap: 0.1}
        buffers: 3
        makes: [{item: A, lot: 5, setup: 10min}]
      - {id: L2, rate: 100/d, makes: [{item: A}]}
    replenish: {A: {s: 4000, S: 6000, from: [n]}}
"""


def test_the_elements_of_a_line_add_up_to_its_planned_time_and_multiply_to_its_oee(tmp_path: Path) -> None:
    more = "disruptions: [{id: x, kind: machine-down, target: n.L1.M1, at: 4d 12:00, for: 20h},"
    more += " {id: y, kind: line-down, target: n.L2, at: 5d, for: 1d}]"
    of = ran(load(tmp_path, MACHINES, "12d", "2d", more=more)).result()
    times = list(zip(*of.tables["times"].values(), strict=True))
    for machine in {(line, machine) for line, machine, _, _ in times}:
        hours = sum(s for line, name, _, s in times if (line, name) == machine) / 3600
        assert hours == pytest.approx(16 * 10 if machine[0] == "n.L1" else 24 * 10)
    product = 1.0
    for element in ("availability", "effectiveness", "quality"):
        share = of.kpis[f"oee_{element}.n.L1"]
        assert share is not None and 0 < share <= 1.0 + 1e-9
        product *= share
    assert product == pytest.approx(of.kpis["oee.n.L1"])
    # of the 20 h from noon 10 are planned until 22:00 and 2 after 06:00; M2 has a second machine while one is broken
    assert of.kpis["unplanned_downtime"] == pytest.approx(10 + 2 + 24, abs=0.7)
    table = of.tables["states"]
    spans = [
        (line, state, at / 3_600_000)
        for at, line, machine, state, _ in zip(*table.values(), strict=True)
        if not machine
    ]
    assert [s for s in spans if s[0] == "n.L2"] == [("n.L2", "down", 120), ("n.L2", "up", 144)]
    assert ("n.L1", "down", 108) in spans and ("n.L1", "up", 128) in spans
