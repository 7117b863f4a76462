"""A small sound network and scenario, and what is changed in them to make a bad input of each kind."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scenarios.errors import InputError
from scenarios.files.loader import load_scenario

NETWORK = """\
version: 1
network: small
currency: EUR
calendars:
  - {id: day, week: {mon-fri: "06:00-22:00"}}
items:
  - {id: GEAR, value: 410}
  - {id: SHAFT}
boms:
  - item: GEAR
    needs: {SHAFT: 2}
plants:
  - id: lyon
    calendar: day
    stock: {SHAFT: 100}
    replenish: {SHAFT: {s: 50, S: 200, from: [kyoto]}}
    lines:
      - id: L1
        buffers: 2
        machines:
          - {id: press, cycle: {lognormal: {mean: 30s, cv: 0.2}}}
          - {id: mill, cycle: 20s}
        makes:
          - {item: GEAR, lot: 10, yield: 0.9}
    systems:
      mes: {posts: batch, every: 2h}
suppliers:
  - {id: kyoto, items: {SHAFT: {lead: 2d, capacity: 15000/d}}}
warehouses:
  - {id: dc, capacity: 900, stock: {GEAR: 90}, replenish: {GEAR: {s: 50, S: 90, from: [lyon]}}}
lanes:
  - {from: kyoto, to: lyon, time: 3d, cost: 0.12/pcs}
  - {from: lyon, to: dc, time: {uniform: [1d, 2d]}, capacity: 2500/d}
  - {from: dc, to: west, time: 20h}
customers:
  - id: west
    orders: {every: {exponential: 35min}, items: {GEAR: 1}, quantity: 5, due: 2d, late_penalty: 12/pcs/d}
    served_by: [dc]
"""

SCENARIO = """\
version: 1
scenario: bad
network: net.yaml
horizon: 45d
warmup: 10d
seed: 7
disruptions:
  - {id: hydraulics, kind: line-down, target: lyon.L1, at: 14d 08:00, for: 3d}
  - {id: storm, kind: lane-closed, target: lyon>dc, at: 15d, until: hydraulics}
ways: [none, synced]
policy:
  approvals:
    reroute: {auto_below: 20000 EUR, by: planner, within: 1h}
thresholds:
  otif: ">= 90%"
"""


@dataclass
class Row:
    """`net` and `run`: (old, new) edits of the two files; `files`: whole files; `want`: every line of the report."""

    name: str
    want: list[str]
    net: tuple[tuple[str, str], ...] = ()
    run: tuple[tuple[str, str], ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    sets: tuple[str, ...] = ()


def net(name: str, old: str, new: str, *want: str) -> Row:
    return Row(name, list(want), net=((old, new),))


def run(name: str, old: str, new: str, *want: str) -> Row:
    return Row(name, list(want), run=((old, new),))


def whole(name: str, file: str, content: bytes, *want: str) -> Row:
    return Row(name, list(want), files={file: content})


def with_rates(name: str, file: str, content: bytes, *want: str) -> Row:
    edit = (("time: 20h}", f"rates: {{file: {file}}}}}"),)
    return Row(name, list(want), net=edit, files={file: content} if content else {})


STREAM = "{every: {exponential: 35min}, items: {GEAR: 1}, quantity: 5, due: 2d, late_penalty: 12/pcs/d}"


def with_orders(name: str, content: str, *want: str) -> Row:
    return Row(name, list(want), net=((STREAM, "{file: o.csv}"),), files={"o.csv": content.encode()})


RATES = "carrier,service,min_kg,max_kg,minimum,per_kg,days\n"


def report(row: Row, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every line that loading the row's files gives."""
    texts = {"net.yaml": NETWORK, "run.yaml": SCENARIO}
    for file, edits in (("net.yaml", row.net), ("run.yaml", row.run)):
        for old, new in edits:
            assert texts[file].count(old) == 1, f"{row.name}: {old!r} must occur once"
            texts[file] = texts[file].replace(old, new)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    for file, content in row.files.items():
        (folder / file).write_bytes(content)
    monkeypatch.chdir(folder)
    try:
        load_scenario("run.yaml", row.sets)
    except InputError as e:
        return [str(f) for f in e.faults]
    return []
