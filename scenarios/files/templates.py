"""Templates of `init`: files to start from. Each loads and runs as it is."""

from pathlib import Path

from scenarios.errors import Fault, InputError
from scenarios.files.loader import LIBRARY

HUB_NETWORK = """\
# Two plants, one hub, three customers: the smallest network in which somebody can step in for another.
version: 1
network: hub-spoke
currency: EUR
calendars:
  - {id: day-shift, week: {mon-fri: "06:00-18:00"}, timezone: Europe/Paris}
items:
  - {id: PUMP, uom: pcs, value: 120, weight_kg: 8}
plants:
  - id: plant
    calendar: day-shift
    stock: {PUMP: 60}
    lines:
      - id: L1
        buffers: 4
        machines:
          - id: assemble
            cycle: {lognormal: {mean: 2min, cv: 0.2}}
            fails: {after: {exponential: 30h}, repair: {lognormal: {mean: 50min, cv: 0.8}}, counts: operating}
          - {id: test, cycle: 90s}
        makes:
          - {item: PUMP, lot: 20, setup: 10min, yield: 0.98}
    systems:
      mes: {posts: immediate, delay: 2s}
  - id: partner
    calendar: day-shift
    stock: {PUMP: 60}
    lines:
      - id: L1
        buffers: 4
        machines:
          - {id: assemble, cycle: {lognormal: {mean: 3min, cv: 0.2}}}
          - {id: test, cycle: 2min}
        makes:
          - {item: PUMP, lot: 20, setup: 10min, yield: 0.97}
    systems:
      mes: {posts: file, every: 30min}
warehouses:
  - {id: hub, capacity: 5000, stock: {PUMP: 700}, replenish: {PUMP: {s: 600, S: 900, from: [plant, partner]}}}
lanes:
  - {from: plant, to: hub, time: {lognormal: {mean: 12h, cv: 0.2}}, cost: 1.4/pcs, capacity: 1200/d}
  - {from: partner, to: hub, time: {lognormal: {mean: 30h, cv: 0.2}}, cost: 2.9/pcs, capacity: 600/d}
  - {from: hub, to: [north, south, coast], time: 20h, cost: 2.1/pcs}
customers:
  - id: north
    orders:
      every: {exponential: 3h}
      items: {PUMP: 1}
      quantity: {uniform: [5, 20]}
      due: {uniform: [2d, 4d]}
      late_penalty: 5/pcs/d
    served_by: [hub]
  - id: south
    orders:
      every: {exponential: 4h}
      items: {PUMP: 1}
      quantity: {uniform: [5, 20]}
      due: {uniform: [2d, 4d]}
      late_penalty: 5/pcs/d
    served_by: [hub]
  - id: coast
    orders:
      every: {exponential: 6h}
      items: {PUMP: 1}
      quantity: {uniform: [5, 20]}
      due: {uniform: [2d, 4d]}
      late_penalty: 5/pcs/d
    served_by: [hub]
people:
  - {role: planner}
"""

HUB_SCENARIO = """\
version: 1
scenario: hub-spoke
network: network.yaml
title: The main plant stops for five days while its partner could step in
horizon: 30d
warmup: 5d
seed: 1
disruptions:
  - {id: gearbox, kind: line-down, target: plant.L1, at: 9d 08:00, for: 5d}
ways: [none, fragmented, synced]
policy:
  approvals:
    reroute: {auto_below: 20000 EUR, by: planner, within: 1h}
    transfer: {auto_below: 5000 EUR, by: planner, within: 2h}
thresholds:
  otif: ">= 60%"
"""

BLANK_NETWORK = """\
# The least that runs: one item, one plant with one line, one customer. Replace it piece by piece.
# `plantsync schema network` describes every key; `plantsync check scenario.yaml` says what is missing.
version: 1
network: blank
items:
  - {id: ITEM}
plants:
  - id: plant
    stock: {ITEM: 100}
    lines:
      - {id: L1, rate: 480/d, makes: [{item: ITEM, lot: 10}]}
lanes:
  - {from: plant, to: customer, time: 1d, cost: 1/pcs}
customers:
  - id: customer
    orders: {every: {exponential: 2h}, items: {ITEM: 1}, quantity: {uniform: [5, 25]}, due: 3d, late_penalty: 2/pcs/d}
    served_by: [plant]
"""

BLANK_SCENARIO = """\
version: 1
scenario: blank
network: network.yaml
title: Nothing is disrupted yet
horizon: 20d
warmup: 5d
seed: 1
ways: [none]
# disruptions:
#   - {id: stop, kind: line-down, target: plant.L1, at: 8d 08:00, for: 2d}
"""

TEMPLATES: dict[str, dict[str, str]] = {
    "three-plants": {},  # copies of library files, see COPIED
    "hub-spoke": {"network.yaml": HUB_NETWORK, "scenario.yaml": HUB_SCENARIO},
    "blank": {"network.yaml": BLANK_NETWORK, "scenario.yaml": BLANK_SCENARIO},
}
COPIED = {"three-plants": ("three-plants.yaml", "line-stoppage.yaml")}


def write_template(name: str, folder: Path) -> list[Path]:
    """Write a template's files into `folder` (made when absent); the files, network first. Nothing is overwritten and
    templates are not mixed: raises InputError naming the file that is there."""
    texts = dict(TEMPLATES[name])
    for file in COPIED.get(name, ()):
        texts[file] = (LIBRARY / file).read_text(encoding="utf-8")
    there = [folder / file for file in texts if (folder / file).exists()]
    if there:
        raise InputError([Fault(str(p), 1, 1, "", "exists already. choose another folder or remove it") for p in there])
    names = {file for other in TEMPLATES for file in (*TEMPLATES[other], *COPIED.get(other, ()))}
    foreign = [folder / file for file in sorted(names - set(texts)) if (folder / file).exists()]
    if foreign:
        why = f"belongs to another template, and '{name}' beside it would be mixed up with it. choose another folder"
        raise InputError([Fault(str(p), 1, 1, "", why) for p in foreign])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError([Fault(str(folder), 1, 1, "", f"cannot be written: {fault.strerror}")]) from None
    return [folder / file for file in texts]
