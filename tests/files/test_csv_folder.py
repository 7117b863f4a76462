"""A network as a folder of CSV tables: out and in again it is the same, and what is wrong is named by its cell."""

import csv
from pathlib import Path

import pytest

from scenarios.answers.export import export_network
from scenarios.errors import InputError
from scenarios.files.library import find
from scenarios.files.loader import kind_of, load_network, load_scenario
from scenarios.files.templates import TEMPLATES, write_template
from scenarios.importers.csv_folder import CsvOptions, import_csv
from scenarios.twin.runner import run_scenario

EVERYTHING = """\
version: 1
network: all-of-it
currency: CHF
timezone: Europe/Zurich
costs: {carrying: 12%/a}
calendars: [{id: day, week: {mon-fri: ["06:00-12:00", "13:00-15:00"], sat: "08:00-10:00"}, holidays: [2026-01-06]}]
items:
  - {id: GEAR, value: 41.5, price: 60, weight_kg: 0.25, uom: "12"}
  - {id: SHAFT, value: 3}
  - {id: "007", value: 1.50}
boms:
  - {item: GEAR, needs: {SHAFT: 2, "007": 1}, alternates: [{replace: SHAFT, with: "007", ratio: 3}]}
  - {item: GEAR, plant: brno, needs: {SHAFT: 3}}
plants:
  - id: lyon
    at: [45.7, -4.8]
    calendar: day
    capacity: 9000
    handling: 0.2/pcs
    stock: {GEAR: 10, SHAFT: 4000, "007": 4000}
    replenish: {SHAFT: {s: 100, S: 900, from: [kyoto]}, "007": {r: 5, q: 50, from: kyoto}}
    crews: [{id: fix, size: 2}]
    codes: {GEAR: "=4711+1", SHAFT: "@x, \\"y\\""}
    systems: {mes: {posts: batch, every: 2h}, wms: {delay: {exponential: 5s}}}
    lines:
      - {id: L1, rate: 500/d, makes: [{item: GEAR, lot: 5, cost: 2.5, prefer: true}]}
      - id: L2
        buffers: [1]
        setups: {GEAR: {SHAFT: 5min}}
        makes: [{item: GEAR, setup: 10min, yield: 0.98}, {item: SHAFT}]
        machines:
          - {id: press, cycle: 20s, parallel: 2, crew: fix, maintenance: [{every: 7d, for: 1h}], scrap: 0.01}
          - {id: mill, cycle: {lognormal: {mean: 30s, cv: 0.2}}, fails: {after: {exponential: 9h}, repair: 20min,
             counts: calendar}, rework: {share: 0.1, to: press}}
  - {id: brno, serves: [west], lines: [{id: L1, rate: 40/h, makes: [{item: GEAR}]}], stock: {SHAFT: 900}}
suppliers:
  - {id: kyoto, at: [35.0, 135.7], items: {SHAFT: {lead: 3d, moq: 10, price: 2.5}, "007": {lead: {uniform: [1d, 2d]}}}}
warehouses: [{id: dc, at: [47, 8], stock: {GEAR: 50}, replenish: {GEAR: {review: 1d, S: 80, from: [lyon, brno]}}}]
lanes:
  - {from: kyoto, to: [lyon, brno], time: 2d, cost: 0.1/pcs + 35/shipment, mode: sea}
  - {from: kyoto, to: lyon, time: 8h, cost: 3/pcs, mode: air, refund: 0.5}
  - {from: [lyon, brno], to: dc, time: 5h}
  - {from: dc, to: [west, east], time: {empirical: times.csv}, reports_loss_after: 2d, ships: whole}
customers:
  - {id: west, at: [46.9, 7.4], served_by: [dc, lyon], orders: {every: 5h, items: {GEAR: 1},
     quantity: {uniform: [1, 3]}, due: 2d, late_penalty: 12/pcs/d, patience: 5d, trend: 2%/a}}
  - {id: east, served_by: [dc], orders: {file: given/orders.csv}}
systems: {erp: {posts: batch, every: 1h}}
people: [{role: planner, responds_in: 20min, calendar: day}]
"""


def everything(folder: Path) -> Path:
    (folder / "given").mkdir(parents=True)
    (folder / "given" / "orders.csv").write_text("id,at,item,quantity\ne-1,1d,GEAR,3\n")
    (folder / "times.csv").write_text("value\n3h\n5h\n")
    (folder / "network.yaml").write_text(EVERYTHING)
    return folder / "network.yaml"


def there_and_back(path: Path, folder: Path) -> Path:
    export_network(load_network(path), folder / "tables", "csv")
    return import_csv(folder / "tables", folder / "back")[0]


def test_a_network_with_every_kind_of_key_comes_back_as_it_was(tmp_path: Path) -> None:
    path = everything(tmp_path / "in")
    back = there_and_back(path, tmp_path)
    assert load_network(back).network == load_network(path).network


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_comes_back_as_it_was(template: str, tmp_path: Path) -> None:
    write_template(template, tmp_path / "in")
    path = next(p for p in (tmp_path / "in").glob("*.yaml") if kind_of(str(p)) == "network")
    assert load_network(there_and_back(path, tmp_path)).network == load_network(path).network


def test_what_comes_back_runs_to_the_same_digest(tmp_path: Path) -> None:
    path, _ = find("line-stoppage")
    back = there_and_back(path.parent / "three-plants.yaml", tmp_path)
    text = path.read_text().replace("three-plants.yaml", back.name)
    (back.parent / "stoppage.yaml").write_text(text)
    sets = ("horizon=17d", "warmup=2d", "ways=[fragmented]")
    digests = [
        run_scenario(load_scenario(name, sets), jobs=1).ways["fragmented"][0].digest
        for name in ("line-stoppage", str(back.parent / "stoppage.yaml"))
    ]
    assert digests[0] == digests[1]


def test_a_table_that_comes_back_is_written_the_same_again(tmp_path: Path) -> None:
    back = there_and_back(everything(tmp_path / "in"), tmp_path)
    export_network(load_network(back), tmp_path / "again", "csv")
    first, second = ({p.name: p.read_text() for p in (tmp_path / f).rglob("*.csv")} for f in ("tables", "again"))
    assert first == second


def test_the_scenario_beside_it_runs(tmp_path: Path) -> None:
    written = import_csv(tables(tmp_path), tmp_path / "out", CsvOptions(horizon_days=9, seed=4))
    loaded = load_scenario(str(written[1]))
    assert loaded.scenario.horizon_s == 9 * 86_400 and loaded.scenario.seed == 4


def test_no_cell_of_a_network_is_a_formula(tmp_path: Path) -> None:
    there_and_back(everything(tmp_path / "in"), tmp_path)
    for path in (tmp_path / "tables").glob("*.csv"):
        with path.open(newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell[:1] in "=+-@\t\r" and cell], path.name


# --- what is wrong ---------------------------------------------------------------------------------------------------
GOOD = {
    "items": "id,value\nGEAR,40\n",
    "plants": "id\nlyon\n",
    "lines": "plant,id,rate\nlyon,L1,100/d\n",
    "makes": "plant,line,item\nlyon,L1,GEAR\n",
    "stock": "site,item,pieces\nlyon,GEAR,5\n",
    "lanes": "from,to,time\nlyon,west,5h\n",
    "customers": "id,served_by,orders.every,orders.items,orders.quantity,orders.due\nwest,[lyon],6h,{GEAR: 1},2,2d\n",
}


def tables(folder: Path, **changed: str) -> Path:
    folder = folder / "given"
    folder.mkdir()
    for name, text in {**GOOD, **changed}.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def refused(folder: Path, **changed: str) -> list[str]:
    src = tables(folder, **changed)
    with pytest.raises(InputError) as caught:
        import_csv(src, folder / "out")
    assert not (folder / "out").exists()
    return [str(f).replace(f"{src}/", "") for f in caught.value.faults]


@pytest.mark.parametrize(("name", "text", "said"), [
    ("items", "id,value\nGEAR,-4\n", "items.csv:2:6: value: -4 is negative. allowed: money of at least 0"),
    ("stock", "site,item,pieces\nlyon,GEAR,1.5\n", "stock.csv:2:11: pieces: 1.5 is not whole. allowed: whole pieces"),
    ("stock", "site,item,pieces\nlyn,GEAR,1\n", "stock.csv:2:1: site: there is no site 'lyn'. allowed: lyon. did you"),
    ("stock", "site,item,pieces\nlyon,GEAR,1\nlyon,GEAR,2\n", "stock.csv:3:6: item: 'GEAR' is given twice, first in"),
    ("stock", "site,item,pieces\nlyon,,1\n", "stock.csv:2:1: item: the cell is empty. needed: site, item, pieces"),
    ("stock", "site,item,piece\nlyon,GEAR,1\n", "stock.csv:1:11: unknown column 'piece'. allowed: site, item, pieces"),
    ("stock", "site,item\nlyon,GEAR\n", "stock.csv:1:1: column 'pieces' is missing"),
    ("stock", "site,item,pieces\nlyon,GEAR\n", "stock.csv:2:1: the row has 2 columns. allowed: 3, as in the header"),
    ("stock", "site,item,pieces\nlyon,GAER,1\n", "stock.csv:2:6: item: unknown item 'GAER'"),
    ("lines", "plant,id,rate\nlyon,L1,100/x\n", "lines.csv:2:9: rate: "),
    ("makes", "plant,line,item\nlyon,L9,GEAR\n", "makes.csv:2:6: line: there is no line 'L9' of lyon. allowed: L1"),
    ("lanes", "from,to,time\nlyon,[west,5h\n", "lanes.csv:2:1"),
    ("lanes", "from,to,time\nlyon,west,{exponentail: 5h}\n", "lanes.csv:2:25: lanes[0].time.exponentail: unknown"),
    ("lanes", "from,to,time\nlyon,west,\n", "lanes.csv:2:1: lanes[0]: "),
])  # fmt: skip
def test_a_fault_is_named_by_the_cell(name: str, text: str, said: str, tmp_path: Path) -> None:
    faults = refused(tmp_path, **{name: text})
    assert any(f.startswith(said) for f in faults), faults


def test_a_mistake_of_many_cells_is_told_twice_and_counted(tmp_path: Path) -> None:
    rows = "".join(f"lyon,GEAR{n},x{n}\n" for n in range(100))
    faults = refused(tmp_path, stock=f"site,item,pieces\n{rows}")
    assert faults == [
        "stock.csv:2:12: pieces: 'x0' is not a number. allowed: whole pieces, at least 0",
        "stock.csv:3:12: pieces: 'x1' is not a number. allowed: whole pieces, at least 0",
        "stock.csv:4:12: pieces: and 98 more like this",
    ]


def test_other_mistakes_are_told_beside_it_and_three_are_not_worth_counting(tmp_path: Path) -> None:
    rows = "".join(f"lyon,GEAR{n},x{n}\n" for n in range(3)) + "lyon,GEAR,-1\nlyon,GEARS,1.5\n"
    faults = refused(tmp_path, stock=f"site,item,pieces\n{rows}")
    assert len(faults) == 5 and not any("more like this" in f for f in faults)


def test_many_wrong_orders_of_a_file_are_one_mistake_too(tmp_path: Path) -> None:
    customers = "id,served_by,orders.file\nwest,[lyon],given.csv\n"
    orders = "".join(f"o-{n},soon{n},GEAR,2\n" for n in range(1_000))
    faults = refused(tmp_path, customers=customers, given=f"id,at,item,quantity\n{orders}")
    assert len(faults) == 3 and faults[-1].startswith("given.csv:4:") and "and 998 more like this" in faults[-1]


def test_a_table_that_nothing_reads_is_named(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, lane="from,to\n")
    assert said.startswith("lane.csv:1:1: no table is called so") and "did you mean 'lanes.csv'?" in said


def test_a_folder_without_a_table_says_which_there_may_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table is in this folder. allowed: network.csv, calendars.csv"):  # noqa: RUF043
        import_csv(tmp_path, tmp_path / "out")
