"""Nothing is accepted and ignored in silence: each key of the schema, changed in a world that uses it, changes the run,
what is measured of it, or a warning of `check`."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from scenarios.feasibility.checks import check_scenario
from scenarios.files.loader import load_scenario
from scenarios.twin.runner import run_scenario

NETWORK = """\
version: 1
network: rich
currency: EUR
timezone: Europe/Paris
costs: {carrying: 20%/a}
calendars:
  - {id: day, week: {mon-sun: "06:00-22:00"}, holidays: ["2026-01-07"], timezone: Europe/Paris}
  - {id: crewtime, week: {mon-sun: "05:00-23:00"}}
  - {id: early, week: {mon-sun: "04:00-15:00"}}
items:
  - {id: GEAR, uom: pcs, value: 40, weight_kg: 2, price: 70, shelf_life: 90d}
  - {id: SHAFT, value: 8, weight_kg: 1}
  - {id: SHAFT-B, value: 9, weight_kg: 1}
  - {id: RING, value: 5, weight_kg: 0.5}
boms:
  - item: GEAR
    needs: {SHAFT: 2}
    plant: lyon
    alternates: [{replace: SHAFT, with: SHAFT-B, ratio: 2, approval: easy, plants: [lyon]}]
plants:
  - id: lyon
    at: [45.8, 4.8]
    kind: own
    calendar: day
    capacity: 900
    stock: {SHAFT: 200, GEAR: 10}
    replenish: {SHAFT: {s: 150, S: 200, from: [kyoto]}, RING: {review: 1d, S: 60, from: [lyon]}}
    serves: [west, north, east]
    handling: 0.5
    crews: [{id: fix, size: 1, calendar: crewtime}, {id: spare, calendar: early}]
    codes: {GEAR: G-1}
    systems:
      mes: {posts: batch, every: 2h, delay: 2min, loses: 0.1, duplicates: 0.1, reorders: 0.1, keeps_while_down: true}
    lines:
      - id: L1
        calendar: early
        blocking: after-service
        buffers: 2
        machines:
          - id: press
            parallel: 2
            cycle: {uniform: [8min, 30min]}
            fails: {after: {exponential: 6h}, repair: {exponential: 1h}, counts: operating}
            crew: fix
            maintenance: [{every: 9h, for: 40min, counts: calendar}]
            scrap: 0.05
          - {id: mill, cycle: {exponential: 9min}, rework: {share: 0.1, to: press}}
          - {id: pack, cycle: {uniform: [5min, 15min]}, fails: {after: {exponential: 5h}, repair: 1h}, crew: fix}
        makes:
          - {item: GEAR, lot: 5, setup: 20min, yield: 0.9, cycle_factor: 1, cost: 1.5, setup_cost: 20}
          - {item: RING, lot: 4, setup: 10min}
        setups: {GEAR: {RING: 30min}}
      - {id: L2, rate: 30/d, makes: [{item: GEAR, lot: 2, setup_cost: 3, cost: 2}]}
  - id: porto
    stock: {GEAR: 400}
    lines:
      - {id: free, machines: [{id: m, cycle: 2h}], makes: [{item: RING}], supply: unlimited, demand: unlimited}
suppliers:
  - id: kyoto
    at: [35, 135]
    calendar: day
    items: {SHAFT: {lead: {uniform: [6h, 20h]}, capacity: 300/d, moq: 30, price: 7, fill: 0.9}}
    systems: {portal: {posts: file, every: 2h}}
warehouses:
  - id: dc
    at: [48, 2]
    capacity: 160
    stock: {GEAR: 50}
    replenish: {GEAR: {r: 60, q: 20, from: [lyon, porto]}}
    systems: {wms: {delay: {exponential: 5min}}}
lanes:
  - {from: kyoto, to: lyon, time: 12h, cost: 0.4/pcs, co2: 12, reports_loss_after: 6h}
  - from: lyon
    to: dc
    time: {uniform: [4h, 9h]}
    cost: 20/shipment + 0.3/pcs
    capacity: 12/d
    co2: 60
    ships: pieces
    refund: 0.1
  - {from: lyon, to: dc, time: 20h, mode: air, cost: 3/pcs}
  - {from: porto, to: dc, time: 1d}
  - {from: porto, to: north, rates: {file: rates.csv}}
  - {from: dc, to: west, time: 5h, cost: 1/pcs, mode: truck}
  - {from: dc, to: [south], time: 5h, cost: 1/pcs}
  - {from: lyon, to: [west, east], time: 8h, mode: van}
  - {from: dc, to: east, time: 6h}
customers:
  - id: west
    at: [47, 0]
    served_by: [dc, lyon]
    orders:
      every: {exponential: 5h}
      items: {GEAR: 1}
      quantity: {uniform: [2, 9]}
      due: {uniform: [10h, 40h]}
      late_penalty: 2/pcs/d
      partial: false
      patience: {exponential: 2d}
      season: {weekly: [1, 1.2, 1, 0.9, 1.1, 0.5, 0.4], yearly: {Jan: 1.1, Feb: 0.7}}
      trend: 30%/a
  - {id: south, served_by: [dc], orders: {every: 9h, items: {GEAR: 1}, quantity: 2, due: 1d, late_penalty: 9/order/d}}
  - {id: east, served_by: [lyon, dc], orders: {every: 11h, items: {GEAR: 1}, quantity: 3, due: 1d}}
  - {id: north, served_by: [porto], orders: {file: orders.csv, due_from: order}}
systems: {erp: {delay: 1min}}
people:
  - {role: planner, at: lyon, calendar: day, responds_in: {exponential: 30min}, approves: 0.6}
"""
SCENARIO = """\
version: 1
scenario: rich
title: A world in which everything is used
network: net.yaml
start: 2026-01-05T00:00
horizon: 8d
warmup: 1d
seed: 5
replications: 1
ways: [none, synced]
disruptions:
  - {id: fire, kind: line-down, target: lyon.L1, at: 2d 09:00, for: {uniform: [20h, 30h]}}
  - {id: smoke, kind: line-down, target: lyon.L2, after: {id: fire, delay: 2h, probability: 0.9}, until: fire}
  - {id: slow, kind: lane-slow, target: "dc>west", at: 1d, for: 3d, factor: 0.5}
  - {id: shut, kind: lane-closed, target: "lyon>dc", at: 3d 02:00, for: 30h, goods: divert, via: "lyon>dc:air"}
  - {id: gone, kind: lane-closed, target: "kyoto>lyon", at: 5d, for: 10h, goods: lose}
  - {id: late, kind: supplier-late, target: kyoto, item: SHAFT, by: 5h, at: 1d, for: 4d}
  - {id: less, kind: demand-change, target: south, item: GEAR, at: 4d, for: 2d, factor: 0.3}
  - {id: hold, kind: quality-hold, target: dc, item: GEAR, lots: 3, disposition: release, decided_after: 20h, at: 2d}
  - {id: ill, kind: labour-absence, target: lyon.fix, at: 1d, for: 3d, share: 1}
  - {id: theft, kind: stock-loss, target: dc, item: GEAR, share: 0.3, at: 3d}
  - {id: mute, kind: system-down, target: lyon.mes, at: 4d 08:00, for: 6h}
  - id: noise
    kind: channel
    target: dc.wms
    message: receipt.posted
    delay: 10min
    loses: 0.3
    duplicates: 0.2
    reorders: 0.2
    corrupts: 0.2
    wrong_code: 0.2
    clock_skew: 3min
    at: 1d
    for: 6d
  - {id: rush, kind: order-cancelled, target: west, item: GEAR, share: 0.7, at: 5d}
policy:
  approvals: {reroute: {auto_below: 2 EUR, by: planner, within: 1h}, transfer: {auto_below: 1, by: planner, within: 2h}}
thresholds: {otif: ">= 1%"}
"""
ORDERS = "id,at,item,quantity,due,weight_kg,service,carrier,late_penalty,transit\n" + "".join(
    f"N{n},{n * 15}h,GEAR,{3 + n % 4},{1 + n % 3}d,{6 + n},DTD,V1,5/order/d,{3 + n}h\n" for n in range(1, 11)
)
RATES = "carrier,service,min_kg,max_kg,minimum,per_kg,days\nV1,DTD,0,9,4,0.2,1\nV1,DTD,9.01,500,5,0.5,2\n"

# what a person reads, and nothing computes with: names, positions on the map, the version of the format
LABELS = {
    "network: network_file.version", "scenario: scenario_file.version", "network: network_file.network",
    "scenario: scenario_file.scenario", "scenario: scenario_file.title", "scenario: scenario_file.network",
    "network: network_file.currency", "network: plant.at", "network: supplier.at", "network: warehouse.at",
    "network: customer.at", "scenario: disruption.kind", "scenario: disruption.id", "scenario: disruption.target",
}  # fmt: skip
# refused by the loader with the reason, whatever their value
REFUSED = {"network: make.rate", "network: system.timeout"}
# judge a run and do not change it
JUDGES = {"scenario: scenario_file.thresholds"}

N = "network."
L1 = "network.plants.lyon.lines.L1."
WEST = "network.customers.west.orders."
CHANGES: dict[str, str] = {
    "network: network_file.timezone": N + "timezone=Asia/Tokyo",
    "network: costs.carrying": N + "costs.carrying=30%/a",
    "network: calendar.week": N + "calendars.day.week.mon-sun='07:00-21:00'",
    "network: calendar.holidays": N + "calendars.day.holidays=['2026-01-08']",
    "network: calendar.timezone": N + "calendars.day.timezone=America/New_York",
    "network: item.uom": N + "items.GEAR.uom=kg",
    "network: item.value": N + "items.GEAR.value=44",
    "network: item.weight_kg": N + "items.GEAR.weight_kg=3",
    "network: item.shelf_life": N + "items.SHAFT.shelf_life=9d",
    "network: item.price": N + "items.GEAR.price=80",
    "network: bom.needs": N + "boms.GEAR.needs.SHAFT=3",
    "network: bom.plant": N + "boms.GEAR.plant=porto",
    "network: alternate.replace": N + "boms.GEAR.alternates=[]",
    "network: replenish.s": N + "plants.lyon.replenish.SHAFT.s=190",
    "network: replenish.S": N + "plants.lyon.replenish.SHAFT.S=450",
    "network: replenish.r": N + "warehouses.dc.replenish.GEAR.r=75",
    "network: replenish.q": N + "warehouses.dc.replenish.GEAR.q=17",
    "network: replenish.review": N + "plants.lyon.replenish.RING.review=31h",
    "network: replenish.from": N + "warehouses.dc.replenish.GEAR.from=[porto, lyon]",
    "network: crew.size": N + "plants.lyon.crews.fix.size=3",
    "network: crew.calendar": N + "plants.lyon.crews.fix.calendar=day",
    "network: make.lot": L1 + "makes.RING.lot=7",
    "network: make.setup": L1 + "makes.RING.setup=95min",
    "network: make.yield": L1 + "makes.RING.yield=0.7",
    "network: make.cycle_factor": L1 + "makes.RING.cycle_factor=1.4",
    "network: make.cost": N + "plants.lyon.lines.L2.makes.GEAR.cost=4",
    "network: make.setup_cost": L1 + "makes.GEAR.setup_cost=29",
    "network: make.prefer": N + "plants.lyon.lines.L2.makes.GEAR.prefer=1",
    "network: fails.after": L1 + "machines.press.fails.after={exponential: 3h}",
    "network: fails.repair": L1 + "machines.press.fails.repair={exponential: 2h}",
    "network: fails.counts": L1 + "machines.press.fails.counts=calendar",
    "network: maintenance.every": L1 + "machines.press.maintenance.0.every=5h",
    "network: maintenance.for": L1 + "machines.press.maintenance.0.for=2h",
    "network: maintenance.counts": L1 + "machines.press.maintenance.0.counts=operating",
    "network: rework.share": L1 + "machines.mill.rework.share=0.3",
    "network: rework.to": L1 + "machines.mill.rework.to=mill",
    "network: machine.parallel": L1 + "machines.press.parallel=1",
    "network: machine.cycle": L1 + "machines.press.cycle=25min",
    "network: machine.crew": L1 + "machines.pack.crew=spare",
    "network: machine.scrap": L1 + "machines.press.scrap=0.2",
    "network: line.calendar": L1 + "calendar=day",
    "network: line.rate": N + "plants.lyon.lines.L2.rate=12/d",
    "network: line.counts": N + "plants.lyon.lines.L2.counts=orders",
    "network: line.buffers": L1 + "buffers=0",
    "network: line.blocking": L1 + "blocking=before-service",
    "network: line.supply": N + "plants.lyon.lines.L1.supply=unlimited",
    "network: line.demand": N + "plants.lyon.lines.L1.demand=unlimited",
    "network: line.setups": L1 + "setups.GEAR.RING=150min",
    "network: system.posts": N + "systems.erp.posts=mail",
    "network: system.delay": N + "systems.erp.delay=33min",
    "network: system.every": N + "plants.lyon.systems.mes.every=5h",
    "network: system.loses": N + "plants.lyon.systems.mes.loses=0.4",
    "network: system.duplicates": N + "plants.lyon.systems.mes.duplicates=0.6",
    "network: system.reorders": N + "plants.lyon.systems.mes.reorders=0.7",
    "network: system.keeps_while_down": N + "plants.lyon.systems.mes.keeps_while_down=false",
    "network: plant.kind": N + "plants.lyon.kind=contract",
    "network: plant.calendar": N + "plants.lyon.calendar=crewtime",
    "network: plant.capacity": N + "plants.lyon.capacity=215",
    "network: plant.stock": N + "plants.lyon.stock.SHAFT=90",
    "network: plant.serves": N + "plants.lyon.serves=[north]",
    "network: plant.handling": N + "plants.lyon.handling=0.7",
    "network: plant.codes": N + "plants.lyon.codes.GEAR=X-9",
    "network: supplier_item.lead": N + "suppliers.kyoto.items.SHAFT.lead=31h",
    "network: supplier_item.capacity": N + "suppliers.kyoto.items.SHAFT.capacity=30/d",
    "network: supplier_item.moq": N + "suppliers.kyoto.items.SHAFT.moq=380",
    "network: supplier_item.price": N + "suppliers.kyoto.items.SHAFT.price=9",
    "network: supplier_item.fill": N + "suppliers.kyoto.items.SHAFT.fill=0.5",
    "network: supplier.calendar": N + "suppliers.kyoto.calendar=crewtime",
    "network: warehouse.capacity": N + "warehouses.dc.capacity=62",
    "network: warehouse.stock": N + "warehouses.dc.stock.GEAR=20",
    "network: lane.time": N + "lanes.lyon>dc.time=11h",
    "network: lane.cost": N + "lanes.lyon>dc.cost=50/shipment",
    "network: rates.file": N + "lanes.porto>north.rates.file=dear.csv",
    "network: lane.capacity": N + "lanes.lyon>dc.capacity=9/d",
    "network: lane.co2": N + "lanes.lyon>dc.co2=90",
    "network: lane.mode": N + "lanes.dc>west:truck.mode=train",
    "network: lane.reports_loss_after": N + "lanes.kyoto>lyon.reports_loss_after=30h",
    "network: lane.ships": N + "lanes.lyon>dc.ships=whole",
    "network: lane.refund": N + "lanes.lyon>dc.refund=0.9",
    "network: season.weekly": WEST + "season.weekly=[1, 2, 1, 0.9, 1.1, 0.5, 0.4]",
    "network: season.yearly": WEST + "season.yearly.Jan=1.7",
    "network: orders.every": WEST + "every={exponential: 3h}",
    "network: orders.items": WEST + "items={GEAR: 0.7, RING: 0.3}",
    "network: orders.quantity": WEST + "quantity=7",
    "network: orders.due": WEST + "due=9h",
    "network: orders.late_penalty": WEST + "late_penalty=5/pcs/d",
    "network: orders.partial": WEST + "partial=true",
    "network: orders.patience": WEST + "patience=15h",
    "network: orders.trend": WEST + "trend=900%/a",
    "network: orders.file": N + "customers.north.orders.file=other.csv",
    "network: orders.due_from": N + "customers.north.orders.due_from=start",
    "network: customer.served_by": N + "customers.west.served_by=[lyon, dc]",
    "network: person.role": "@" + N + "people=[{role: boss}]",
    "network: person.at": "@" + N + "people=[{role: planner, at: dc-west}]",
    "network: person.calendar": "@" + N + "people=[{role: planner, calendar: two-shift}]",
    "network: person.responds_in": "@" + N + "people=[{role: planner, responds_in: 9h}]",
    "network: person.approves": "@" + N + "people=[{role: planner, approves: 0}]",
    "scenario: scenario_file.start": "start=2026-01-06T05:00",
    "scenario: scenario_file.horizon": "horizon=9d",
    "scenario: scenario_file.warmup": "warmup=3d",
    "scenario: scenario_file.seed": "seed=6",
    "scenario: scenario_file.replications": "replications=2",
    "scenario: scenario_file.ways": "ways=[none]",
    "scenario: approval.auto_below": "@policy.approvals.reroute.auto_below=always",
    "scenario: approval.by": "@policy.approvals.reroute.by=boss",
    "scenario: approval.within": "@policy.approvals.reroute.within=1min",
    "scenario: disruption.at": "disruptions.fire.at=3d 10:00",
    "scenario: disruption.for": "disruptions.fire.for=9h",
    "scenario: after.id": "disruptions.smoke.after.id=theft",
    "scenario: after.delay": "disruptions.smoke.after.delay=9h",
    "scenario: after.probability": "disruptions.smoke.after.probability=0",
    "scenario: disruption.until": "disruptions.smoke.until=slow",
    "scenario: disruption.factor": "disruptions.slow.factor=0.25",
    "scenario: disruption.goods": "disruptions.gone.goods=hold",
    "scenario: disruption.via": "disruptions.shut.via=lyon>west:van",
    "scenario: disruption.item": "disruptions.less.item=RING",
    "scenario: disruption.by": "disruptions.late.by=25h",
    "scenario: disruption.lots": "disruptions.hold.lots=1",
    "scenario: disruption.disposition": "disruptions.hold.disposition=rework",
    "scenario: disruption.decided_after": "disruptions.hold.decided_after=60h",
    "scenario: disruption.share": "disruptions.theft.share=0.8",
    "scenario: disruption.message": "disruptions.noise.message=transfer.departed",
    "scenario: disruption.delay": "disruptions.noise.delay=5h",
    "scenario: disruption.loses": "disruptions.noise.loses=0.8",
    "scenario: disruption.duplicates": "disruptions.noise.duplicates=0.9",
    "scenario: disruption.reorders": "disruptions.noise.reorders=0.9",
    "scenario: disruption.corrupts": "disruptions.noise.corrupts=0.8",
    "scenario: disruption.wrong_code": "disruptions.noise.wrong_code=0.9",
    "scenario: disruption.clock_skew": "disruptions.noise.clock_skew=9min",
}
# names of things (the same name elsewhere would be another thing), and mappings whose keys are judged one by one
NAMES = {
    "network: item.id", "network: plant.id", "network: supplier.id", "network: warehouse.id", "network: customer.id",
    "network: crew.id", "network: calendar.id", "network: line.id", "network: machine.id", "network: bom.item",
    "network: make.item", "network: lane.from", "network: lane.to",
    "network: alternate.with", "network: alternate.ratio", "network: alternate.approval", "network: alternate.plants",
}  # fmt: skip


@cache
def folder() -> Path:
    where = Path(mkdtemp())
    for name, text in {
        "net.yaml": NETWORK, "sc.yaml": SCENARIO, "orders.csv": ORDERS, "rates.csv": RATES,
        "other.csv": ORDERS.replace("GEAR,3", "GEAR,4"), "dear.csv": RATES.replace("0.5,2", "0.9,2"),
    }.items():  # fmt: skip
        (where / name).write_text(text)
    return where


def outcome(change: str, own: bool = True) -> Any:
    """All that a person learns of a world: the run's digest, its figures, and the warnings of `check`. own: of the
    world above; else of the library's, in which people are asked."""
    sets = (change,) if change else ()
    loaded = load_scenario("sc.yaml", sets, folder()) if own else load_scenario("line-stoppage", (*SHORT, *sets))
    warnings = sorted(f.message for f in check_scenario(loaded))
    result = run_scenario(loaded, jobs=1)
    assert result.failures == []
    return warnings, {way: [(r.digest, r.kpis) for r in reps] for way, reps in result.ways.items()}


PLAIN = cache(lambda own: outcome("", own))
SHORT = ("horizon=20d", "warmup=5d", "ways=[synced]", "policy.approvals.reroute.auto_below=0")


def unjudged() -> set[str]:
    """The keys of the schema that hold a value of their own, and that no line here changes."""
    from scenarios.files.networkfile import NetworkFile
    from scenarios.files.scenariofile import ScenarioFile
    from scenarios.files.schema import _mapping, part_name

    found: set[str] = set()
    for kind, model in (("network", NetworkFile), ("scenario", ScenarioFile)):
        definitions: dict[str, Any] = {}
        parts = {part_name(model): _mapping(model, definitions), **definitions}
        mappings = {name for name, shape in parts.items() if "properties" in shape}
        for name in mappings:
            for key, shape in parts[name]["properties"].items():
                if not any(f'#/$defs/{other}"' in str(shape).replace("'", '"') for other in mappings):
                    found.add(f"{kind}: {name}.{key}")
    return found - set(CHANGES) - LABELS - REFUSED - JUDGES - NAMES


def test_each_key_of_the_schema_is_judged() -> None:
    assert unjudged() == set()


@pytest.mark.parametrize("key", CHANGES)
def test_a_key_that_is_changed_changes_the_run_or_a_warning(key: str) -> None:
    change, own = CHANGES[key].removeprefix("@"), not CHANGES[key].startswith("@")
    assert outcome(change, own) != PLAIN(own), change
