"""The Brunel importer: what it writes is what the CSVs say, and a bad source is one clear line."""

import csv
import gzip
import hashlib
import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scenarios.errors import InputError
from scenarios.files.loader import load_scenario
from scenarios.files.nodes import read_tree
from scenarios.files.schema import json_schema
from scenarios.importers.brunel import STORIES, BrunelOptions, import_brunel
from tests.common.oracle_brunel import brunel_folder, eligible_plants, read_tables

SMALL = {
    "OrderList.csv": "Order ID,Order Date,Origin Port,Carrier,TPT,Service Level,Ship ahead day count,"
    "Ship Late Day count,Customer,Product ID,Plant Code,Destination Port,Unit quantity,Weight\n"
    "14.7,2013-05-26,P4,C0,2,DTP,0,0,V1,17,A,P9,800,1.00006\n"
    "15.7,2013-05-27,P4,C3,1,CRF,0,0,V2,18,A,P9,10,0.4\n",
    "FreightRates.csv": "Carrier,orig_port_cd,dest_port_cd,minm_wgh_qty,max_wgh_qty,svc_cd,minimum cost,rate,"
    "mode_dsc,tpt_day_cnt,Carrier type\nC0,P4,P9,0.0,1.0,DTP,5.1,0.1,AIR,2,T\nC0,P4,P9,0.0,1.0,DTP,5.1,0.1,AIR,2,T\n",
    "PlantPorts.csv": "Plant Code,Port\nA,P1\nA,P4\nB,P4\n",
    "ProductsPerPlant.csv": "Plant Code,Product ID\nA,17\nA,18\nB,17\nGONE,17\n",
    "VmiCustomers.csv": "Plant Code,Customers\nB,V2\nB,V9\n",
    "WhCapacities.csv": "Plant ID,Daily Capacity\nA,10\nB,3\nIDLE,3\n",
    "WhCosts.csv": "WH,Cost/unit\nA,0.51\nB,0.4\nIDLE,1\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A source folder of two orders and three plants."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name, text in SMALL.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real data, imported once."""
    out = tmp_path_factory.mktemp("brunel")
    import_brunel(brunel_folder(), out, BrunelOptions())
    return out


def test_what_is_written_has_the_shape_of_the_schema(imported: Path):
    for path in imported.glob("*.yaml"):
        data = read_tree(path, path.name).root.data
        kind = "scenario" if "scenario" in data else "network"
        assert list(Draft202012Validator(json_schema(kind)).iter_errors(data)) == [], path.name


def order_rows(folder: Path) -> list[dict[str, str]]:
    rows = []
    for path in sorted((folder / "orders").glob("*.csv")):
        with path.open() as file:
            rows += [{**row, "customer": path.stem} for row in csv.DictReader(file)]
    return rows


def fault_of(source: Path, out: Path) -> str:
    """The one line a person reads when the import is refused."""
    with pytest.raises(InputError) as caught:
        import_brunel(source, out, BrunelOptions())
    text = str(caught.value)
    assert "\n" not in text
    return text


def spoil(source: Path, name: str, old: str, new: str) -> None:
    text = (source / name).read_text()
    assert old in text
    (source / name).write_text(text.replace(old, new, 1))


def test_every_historical_assignment_is_eligible_and_few_orders_have_a_choice():
    tables = read_tables()
    eligible = eligible_plants(tables)
    assert Counter(len(plants) for plants in eligible.values()) == {1: 7387, 2: 1580, 3: 248}
    assert all(o["Plant Code"] in eligible[o["Order ID"]] for o in tables["OrderList"])
    links = {(row["Plant Code"], row["Port"]) for row in tables["PlantPorts"]}
    assert all((o["Plant Code"], o["Origin Port"]) in links for o in tables["OrderList"])


def test_every_order_of_the_list_is_written_once_with_its_own_values(imported: Path):
    written = {row["id"]: row for row in order_rows(imported)}
    assert len(written) == len(order_rows(imported)) == 9215
    for o in read_tables()["OrderList"]:
        row = written[o["Order ID"]]
        kept = (
            row["item"],
            row["quantity"],
            row["service"],
            row["carrier"],
            row["plant"],
            row["port"],
            row["customer"],
        )
        columns = ("Product ID", "Unit quantity", "Service Level", "Carrier", "Plant Code", "Origin Port", "Customer")
        assert kept == tuple(o[name] for name in columns)
        assert (row["at"], row["late_penalty"]) == ("0s", "1000/order/d")
        assert (row["transit"], row["due"]) == (f"{o['TPT']}d", f"{int(o['TPT']) + 2}d")


def test_rounding_a_weight_to_grams_never_moves_it_into_or_out_of_a_band(imported: Path):
    tables = read_tables()
    bands = {(Decimal(r["minm_wgh_qty"]), Decimal(r["max_wgh_qty"])) for r in tables["FreightRates"]}
    written = {row["id"]: Decimal(row["weight_kg"]) for row in order_rows(imported)}
    for o in tables["OrderList"]:
        exact, gram = Decimal(o["Weight"]), written[o["Order ID"]]
        assert abs(exact - gram) < Decimal("0.001")
        if exact != gram:
            assert not [b for b in bands if (b[0] <= exact <= b[1]) != (b[0] <= gram <= b[1])], o


def test_rates_lose_only_repeated_rows_and_a_port_without_rates_has_an_empty_file(imported: Path):
    counts = {}
    for path in imported.glob("rates-*.csv"):
        with path.open() as file:
            counts[path.stem] = sum(1 for _ in csv.DictReader(file))
    assert len(counts) == 11 and sum(counts.values()) == 1540 - 3
    assert counts["rates-PORT01"] == 0


@pytest.mark.parametrize("name", [story.name for story in STORIES])
def test_each_written_scenario_loads_as_the_network_of_the_data(imported: Path, name: str):
    scenario = load_scenario(str(imported / f"{name}.yaml")).scenario
    network = scenario.network
    assert scenario.id == name and scenario.horizon_s == 40 * 86_400
    assert scenario.start_local.replace(" ", "T")[:16] == "2013-05-26T00:00"
    assert (len(network.plants), len(network.warehouses), len(network.customers)) == (19, 11, 48)
    assert sum(1 for customer in network.customers if customer.orders) == 46
    assert sum(len(customer.orders) for customer in network.customers) == 9215
    assert {line.counts for plant in network.plants for line in plant.lines} == {"orders"}
    assert (
        sum(line.rate_per_day or 0 for plant in network.plants for line in plant.lines) == 5791 - 7
    )  # PLANT19 makes nothing
    only = {plant.id: len(plant.serves) for plant in network.plants if plant.serves is not None}
    assert only == {"PLANT02": 7, "PLANT06": 2, "PLANT10": 4, "PLANT11": 1}
    assert scenario.policy.approval("reroute").auto_below_minor == -1


def test_every_assumption_stands_in_the_network_file_and_in_the_side_file(imported: Path):
    listed = [line[2:] for line in (imported / "ASSUMPTIONS.md").read_text().splitlines() if line.startswith("- ")]
    comments = " ".join(
        line.lstrip("# ").strip() for line in (imported / "network.yaml").read_text().splitlines() if line[:1] == "#"
    )
    assert len(listed) >= 15
    for sentence in listed:
        assert sentence in comments
    assert any("CND9" in sentence for sentence in listed)


def test_the_same_source_gives_the_same_bytes(small: Path, tmp_path: Path):
    digests = []
    for name in ("one", "two"):
        files = import_brunel(small, tmp_path / name, BrunelOptions())
        digests.append({str(f.relative_to(tmp_path / name)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files})
    assert digests[0] == digests[1]


def test_every_option_reaches_the_files(small: Path, tmp_path: Path):
    options = BrunelOptions(
        horizon_days=9,
        late_penalty=7,
        due_slack_days=5,
        reroute_auto_below="250",
        counts="pcs",
        own_transit_days=3,
        seed=4,
    )
    import_brunel(small, tmp_path / "out", options)
    scenario = load_scenario(str(tmp_path / "out" / "brunel.yaml")).scenario
    orders = {order.id: order for customer in scenario.network.customers for order in customer.orders}
    assert (scenario.horizon_s, scenario.seed) == (9 * 86_400, 4)
    assert scenario.policy.approval("transfer").auto_below_minor == 25_000
    assert scenario.network.plants[0].lines[0].counts == "pcs"
    assert (orders["14.7"].due_ms, orders["15.7"].at_ms, orders["15.7"].due_ms) == tuple(
        d * 86_400_000 for d in (7, 1, 7)
    )
    assert orders["14.7"].transit_ms == 3 * 86_400_000
    assert (orders["14.7"].penalty_minor, orders["14.7"].weight_g) == (700, 1001)


def test_what_the_data_lacks_is_left_out_and_said(small: Path, tmp_path: Path):
    import_brunel(small, tmp_path / "out", BrunelOptions())
    said = (tmp_path / "out" / "ASSUMPTIONS.md").read_text()
    for part in ("Plant GONE", "IDLE makes nothing", "P1 has no rates", "are empty): V9", "1 rate rows"):
        assert part in said


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("WhCapacities.csv", ("A,10", "A,ten"), "WhCapacities.csv:2:3: Daily Capacity: found 'ten'"),
        ("WhCapacities.csv", ("A,10", "A,0"), "WhCapacities.csv:2:3: Daily Capacity: found 0"),
        ("WhCapacities.csv", ("B,3", "A,3"), "stands twice"),
        ("WhCosts.csv", ("WH,Cost/unit", "WH,Cost"), "wrong columns: missing Cost/unit; not known Cost"),
        ("WhCosts.csv", ("B,0.4\n", ""), "no cost for B"),
        ("WhCosts.csv", ("B,0.4", "B,nan"), "found 'nan'"),
        ("OrderList.csv", ("800,", "-800,"), "OrderList.csv:2:44: Unit quantity: found '-800'"),
        ("OrderList.csv", ("14.7,2013-05-26", "14.7,26/05/2013"), "found '26/05/2013'"),
        ("OrderList.csv", ("15.7,", "14.7,"), "order 14.7 stands twice"),
        ("OrderList.csv", ("17,A,P9", "17,C,P9"), "plant 'C' has no row"),
        ("OrderList.csv", ("V1", "../V1"), "found '../V1'"),
        ("PlantPorts.csv", ("A,P1", "A,P1,P2"), "PlantPorts.csv:2:1: found 3 cells"),
        ("FreightRates.csv", ("P4,P9,0.0", "P4,P8,0.0"), "FreightRates.csv:2:7: dest_port_cd: found P8"),
    ],
)
def test_a_bad_value_is_one_line_that_names_its_place(small: Path, tmp_path: Path, file, change, says):
    spoil(small, file, *change)
    assert says in fault_of(small, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_folder_file_or_damaged_archive_is_one_line(small: Path, tmp_path: Path):
    assert "no such folder" in fault_of(tmp_path / "nowhere", tmp_path / "out")
    packed = gzip.compress((small / "OrderList.csv").read_bytes())
    (small / "OrderList.csv").unlink()
    assert "missing OrderList.csv" in fault_of(small, tmp_path / "out")
    (small / "OrderList.csv.gz").write_bytes(packed[:-20])
    assert "cannot be read" in fault_of(small, tmp_path / "out")
    (small / "OrderList.csv.gz").write_bytes(packed)
    assert import_brunel(small, tmp_path / "out", BrunelOptions())


def test_an_unusable_option_is_one_line():
    for options, name in (({"horizon_days": 0}, "horizon_days"), ({"counts": "boxes"}, "counts")):
        with pytest.raises(InputError, match=re.escape(name)):
            BrunelOptions(**options)


def test_an_out_folder_that_is_a_file_is_one_line(small: Path, tmp_path: Path):
    shutil.copy(small / "WhCosts.csv", tmp_path / "out")
    assert "cannot be written" in fault_of(small, tmp_path / "out")
