"""A sound file becomes the parameters of the world, with every unit canonical and every byte accounted for."""

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from plants import definition as d
from plants.definition import AfterSpec, DisruptionSpec, NetworkSpec, ReplenishSpec, ReworkSpec
from scenarios.errors import InputError
from scenarios.feasibility.checks import check_scenario
from scenarios.files.library import LIBRARY, library
from scenarios.files.loader import Loaded, kind_of, load_network, load_scenario
from scenarios.files.schema import SCHEMAS, json_schema
from sim.streams import Law, constant
from sync.vocabulary.policy import Approval, Policy
from sync.vocabulary.tariff import Band, Tariff
from tests.common.bad_inputs import NETWORK, SCENARIO, STREAM


def write(folder: Path, **texts: str) -> Path:
    """Files named `net` and `run` (YAML) and others by stem (CSV); the scenario's path."""
    for name, text in {"net": NETWORK, "run": SCENARIO, **texts}.items():
        suffix = "yaml" if name in ("net", "run") else "csv"
        (folder / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    return folder / "run.yaml"


def load(folder: Path, *sets: str, **texts: str) -> Loaded:
    return load_scenario(str(write(folder, **texts)), sets)


def test_every_library_scenario_is_found_by_its_name() -> None:
    assert {"component-delay", "line-stoppage", "serial-line"} <= set(library())
    for name in library():
        assert load_scenario(name).scenario.id == name


def test_the_three_plants_are_read_in_canonical_units() -> None:
    loaded = load_scenario("line-stoppage")
    network = loaded.network
    lyon = network.plants[0]
    assert [p.id for p in network.plants] == ["lyon", "brno", "porto"]
    assert lyon.stock == {"HOUSING": 12_500, "BEARING": 51_000}
    assert lyon.replenish["BEARING"] == ReplenishSpec("sS", ("kyoto",), s=37_000, big_s=51_000)
    assert lyon.lines[0].buffers == (8, 8)
    assert lyon.lines[0].machines[0].cycle == Law("lognormal", (30.0, 0.2))
    assert lyon.lines[0].makes[0].setup_s == 600.0 and lyon.lines[0].makes[0].yield_share == 0.985
    assert lyon.systems["wms"].posts == "batch" and lyon.systems["wms"].every_s == 7200.0
    assert lyon.codes == {"GEARBOX-A": "4711-A", "BEARING": "LY-BRG"}
    assert network.items[1].value_minor == 650
    assert network.suppliers[0].items["BEARING"].price_micro == 6_500_000
    assert network.suppliers[0].items["BEARING"].capacity_per_day == 15_000.0
    assert [lane.id for lane in network.lanes[:3]] == ["kyoto>lyon", "kyoto>brno", "kyoto>porto"]
    assert network.lanes[6].tariff == Tariff(per_piece_micro=1_900_000) and network.lanes[6].capacity_per_day == 2500
    assert network.calendars["two-shift"].week == (((360, 1320),),) * 5 + ((), ())
    stream = network.customers[0].stream
    assert stream and stream.shares == {"GEARBOX-A": 0.6, "GEARBOX-B": 0.4} and stream.penalty_minor == 1200
    assert loaded.scenario.disruptions == (
        DisruptionSpec("hydraulics", "line-down", "lyon.L1", 1_238_400.0, Law("lognormal", (259_200.0, 0.2))),
    )
    assert loaded.scenario.policy.approvals["reroute"] == Approval(2_000_000, "planner", 3_600_000)
    assert loaded.scenario.horizon_s == 45 * 86_400 and loaded.scenario.ways == ("none", "fragmented", "synced")
    assert loaded.warnings == []


def test_the_bytes_of_every_file_are_kept() -> None:
    files = load_scenario("component-delay").files
    assert files == {name: (LIBRARY / name).read_bytes() for name in ("component-delay.yaml", "three-plants.yaml")}


def test_a_serial_line_without_supply_or_demand_is_unlimited() -> None:
    line = load_scenario("serial-line").network.plants[0].lines[0]
    assert line.supply_unlimited and line.demand_unlimited and line.buffers == (0, 0)
    assert [m.cycle for m in line.machines] == [Law("exponential", (60.0,))] * 3


def test_a_network_is_read_alone() -> None:
    loaded = load_network(LIBRARY / "three-plants.yaml")
    assert isinstance(loaded.network, NetworkSpec) and list(loaded.files) == ["three-plants.yaml"]
    assert kind_of(str(LIBRARY / "three-plants.yaml")) == "network"
    assert kind_of("line-stoppage") == "scenario"


def test_values_are_overridden_by_index_by_id_and_where_nothing_was(tmp_path: Path) -> None:
    scenario = load(
        tmp_path,
        "disruptions.hydraulics.for=5d",
        "disruptions.1.at=16d 12:00",
        "horizon=60d",
        "seed=3",
        "ways=[none]",
        "policy.approvals.transfer.by=boss",
    ).scenario
    assert scenario.disruptions[0].duration == constant(432_000.0)
    assert scenario.disruptions[1].at_s == 16.5 * 86_400
    assert (scenario.horizon_s, scenario.seed, scenario.ways) == (60 * 86_400.0, 3, ("none",))
    assert scenario.policy.approvals["transfer"] == Approval(by="boss")


def test_every_kind_of_disruption_keeps_its_own_keys(tmp_path: Path) -> None:
    rows = """
  - {id: a, kind: supplier-late, target: kyoto, item: SHAFT, by: {uniform: [1d, 2d]}, at: 16d, for: 7d}
  - {id: b, kind: channel, target: lyon.mes, delay: 5min, loses: 0.1, clock_skew: 2s, at: 1d, for: 1d}
  - {id: c, kind: lane-slow, target: lyon>dc, factor: 0.5, after: {id: a, delay: 2h, probability: 0.5}, until: b}
  - {id: d, kind: stock-loss, target: dc, item: GEAR, share: 0.5, at: 2d}
  - {id: e, kind: system-down, target: erp, at: 2d, for: 1h}
  - {id: f, kind: quality-hold, target: lyon, item: GEAR, lots: 3, decided_after: 2d, at: 2d}
ways"""
    scenario = load(tmp_path, run=SCENARIO.replace("\nways", rows, 1)).scenario
    late, channel, slow, loss, down, hold = scenario.disruptions[2:]
    assert late.extra == {"item": "SHAFT", "by_s": Law("uniform", (86_400.0, 172_800.0))}
    assert channel.extra == {"delay_s": constant(300.0), "loses": 0.1, "clock_skew_s": 2.0}
    assert slow.after == AfterSpec("a", constant(7200.0), 0.5) and slow.at_s is None and slow.until == "b"
    assert loss.extra == {"item": "GEAR", "share": 0.5} and loss.duration is None
    assert down.extra == {} and scenario.disruptions[1].extra == {"goods": "hold"}
    assert hold.extra == {"item": "GEAR", "lots": 3, "disposition": "release", "decided_after_s": constant(172_800.0)}


def test_rates_and_orders_are_read_from_their_files(tmp_path: Path) -> None:
    net = NETWORK.replace("time: 20h}", "rates: {file: r.csv}}").replace(STREAM, "{file: o.csv}")
    net = net.replace("{id: GEAR, value: 410}", "{id: GEAR, value: 410, weight_kg: 0.25}")
    rates = "\ufeffcarrier,service,min_kg,max_kg,minimum,per_kg,days\r\nV1,DTD,0,499.99,5,0.0484,2\r\n"
    orders = (
        "id,at,item,quantity,weight_kg,service,carrier,plant,port,due,late_penalty,transit\n"
        '1447.7,1d 08:00,GEAR,5,12.345,DTD,V1,lyon,dc,2d,1000/order/d,3d\n"b",0,GEAR,4,,,,,,,,\n'
    )
    loaded = load(tmp_path, net=net, r=rates, o=orders)
    assert loaded.network.lanes[2].tariff.bands == (Band("V1", "DTD", 0, 499_990, 5_000_000, 48_400, 172_800_000),)
    assert loaded.network.lanes[2].time is None
    first, second = loaded.network.customers[0].orders
    assert (first.id, first.at_ms, first.due_ms, first.weight_g) == ("1447.7", 115_200_000, 288_000_000, 12_345)
    assert (first.plant, first.port, first.transit_ms) == ("lyon", "dc", 259_200_000)
    assert (first.penalty_minor, first.penalty_per) == (100_000, "order")
    assert (second.weight_g, second.due_ms, second.transit_ms, second.plant) == (1000, -1, -1, "")
    assert set(loaded.files) == {"run.yaml", "net.yaml", "r.csv", "o.csv"}


def test_less_common_keys_are_read(tmp_path: Path) -> None:
    plan = "{every: 500, for: 1h, counts: cycles}"
    crews = "    crews: [{id: fix, size: 2}]\n    handling: 0.5/pcs\n    serves: [west]\n"
    edits = [
        ('mon-fri: "06:00-22:00"}}', 'mon-fri: "06:00-22:00"}, holidays: [2026-12-25], timezone: Europe/Paris}'),
        ("cycle: 20s}", f"cycle: 20s, crew: fix, rework: {{share: 0.1, to: press}}, maintenance: [{plan}]}}"),
        ("    calendar: day\n", f"    calendar: day\n{crews}"),
        ("warmup: 10d", "warmup: auto"),
    ]  # fmt: skip
    net, run = NETWORK, SCENARIO
    for old, new in edits:
        net, run = net.replace(old, new), run.replace(old, new)
    loaded = load(tmp_path, net=net, run=run)
    plant = loaded.network.plants[0]
    assert loaded.network.calendars["day"].holidays == (date(2026, 12, 25),)
    assert plant.crews[0].size == 2 and plant.handling_micro == 500_000 and plant.serves == ("west",)
    mill = plant.lines[0].machines[1]
    assert mill.rework == ReworkSpec(0.1, "press") and mill.maintenance[0].every == 500 and mill.crew == "fix"
    assert loaded.scenario.warmup_auto and loaded.scenario.warmup_s == 0


def test_ids_of_digits_need_no_quotes(tmp_path: Path) -> None:
    net = NETWORK.replace("GEAR", "1689547")
    assert load(tmp_path, net=net).network.items[0].id == "1689547"


def test_a_key_left_out_means_what_it_means_in_python(tmp_path: Path) -> None:
    net = """
version: 1
network: small
items: [{id: GEAR}]
plants: [{id: lyon, crews: [{id: fix}], stock: {GEAR: 9}, systems: {mes: {}}, lines: [
  {id: L1, makes: [{item: GEAR}], machines: [{id: press, cycle: 20s, fails: {after: 9h, repair: 1h}}]}]}]
suppliers: [{id: kyoto, items: {GEAR: {lead: 2d}}}]
lanes: [{from: lyon, to: west, time: 1d}]
customers: [{id: west, served_by: [lyon], orders: {every: 1h, items: {GEAR: 1}, quantity: 5, due: 2d}}]
people: [{role: planner}]
"""
    run = "version: 1\nscenario: bare\nnetwork: net.yaml\nhorizon: 9d\npolicy: {approvals: {reroute: {}}}\n"
    loaded = load(tmp_path, net=net, run=run)
    network, plant = loaded.network, loaded.network.plants[0]
    machine = d.MachineSpec("press", constant(20.0), fails=d.FailureSpec(constant(32_400.0), constant(3_600.0)))
    assert network.items == (d.ItemSpec("GEAR"),)
    assert plant == d.PlantSpec(
        "lyon", crews=(d.CrewSpec("fix"),), stock={"GEAR": 9}, systems={"mes": d.ChannelProfile()},
        lines=(d.LineSpec("L1", (d.MakeSpec("GEAR"),), machines=(machine,)),),
    )  # fmt: skip
    assert network.suppliers == (d.SupplierSpec("kyoto", {"GEAR": d.SupplierItemSpec(constant(172_800.0))}),)
    assert network.lanes == (d.LaneSpec("lyon", "west", constant(86_400.0)),)
    stream = d.OrderStreamSpec(constant(3_600.0), {"GEAR": 1.0}, constant(5.0), constant(172_800.0))
    assert network.customers == (d.CustomerSpec("west", ("lyon",), stream),)
    assert network.people == (d.PersonSpec("planner"),)
    assert (network.currency, network.timezone) == (d.NetworkSpec("x").currency, d.NetworkSpec("x").timezone)
    bare = d.ScenarioSpec("bare", network, horizon_s=777_600.0, policy=Policy({"reroute": Approval()}))
    assert loaded.scenario == bare


def test_load_beyond_capacity_is_an_error_of_the_check(tmp_path: Path) -> None:
    assert [f for f in check_scenario(load(tmp_path)) if f.level == "error"] == []
    busy = NETWORK.replace("exponential: 35min", "exponential: 2min").replace("quantity: 5", "quantity: 10")
    found = check_scenario(load(tmp_path, net=busy))
    assert [f"{f.place.split(': ')[-1]}: {f.message}" for f in found if f.level == "error"] == [
        "plants.lyon.lines.L1: the load is 583% of the capacity in steady state, setups not counted",
        "suppliers.kyoto.items.SHAFT: 16,000 pieces of 'SHAFT' are needed per day, and the capacity is 15,000",
        "lanes[1].to: 7,200 pieces per day have to go from lyon to dc, and the capacity is 2,500",
    ]  # fmt: skip


def test_a_component_that_nothing_brings_is_an_error_of_the_check(tmp_path: Path) -> None:
    net = NETWORK.replace("    stock: {SHAFT: 100}\n", "").replace(
        "    replenish: {SHAFT: {s: 50, S: 200, from: [kyoto]}}\n", ""
    )
    errors = [f.message for f in check_scenario(load(tmp_path, net=net)) if f.level == "error"]
    assert errors == ["lyon needs 'SHAFT' and has neither stock nor a source"]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_describes_every_key(kind: str) -> None:
    found = json_schema(kind)
    json.dumps(found)
    if kind != "messages":
        for part in [found, *found.get("$defs", {}).values()]:
            for key, value in part.get("properties", {}).items():
                assert value.get("description"), (part["title"], key)


def test_the_schema_of_messages_knows_every_type() -> None:
    from sync.vocabulary.messages import BODIES

    assert set(BODIES) < set(json_schema("messages")["properties"])


def test_an_unknown_scenario_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        load_scenario("line-stopage")
    assert str(refused.value).startswith(
        "line-stopage:1:1: no such file, and no scenario in the library has this name."
    )
    assert str(refused.value).endswith("did you mean 'line-stoppage'?")


def test_a_path_wins_over_a_name_of_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("line-stoppage.yaml", "three-plants.yaml"):
        shutil.copy(LIBRARY / name, tmp_path / name.replace("line-stoppage.yaml", "line-stoppage"))
    (tmp_path / "line-stoppage").write_text((LIBRARY / "line-stoppage.yaml").read_text().replace("seed: 7", "seed: 8"))
    monkeypatch.chdir(tmp_path)
    assert load_scenario("line-stoppage").scenario.seed == 8


def test_nothing_heavy_is_imported_to_read_a_file() -> None:
    heavy = "{'networkx', 'pyarrow', 'highspy', 'asyncua', 'simpy', 'rich'}"
    code = f"import sys, scenarios.files.loader; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
