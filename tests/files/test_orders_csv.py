"""Orders as spreadsheets and exports write them: dates, clock times, separators, decimal signs, and ambiguity."""

from pathlib import Path

import pytest

from plants.definition import FileOrderSpec
from scenarios.errors import InputError
from scenarios.files.clock import Clock, moment
from scenarios.files.loader import load_scenario
from scenarios.files.numerals import decimal
from sync.vocabulary.errors import Refused

H, DAY = 3_600_000, 86_400_000
NETWORK = """\
version: 1
network: csv
timezone: Europe/Berlin
items: [{id: A, weight_kg: 2}, {id: "B-2"}]
warehouses: [{id: w, stock: {A: 100000, B-2: 100}}]
lanes: [{from: w, to: cu, time: 1d}]
customers: [{id: cu, served_by: [w], orders: {file: orders.csv}}]
"""


def read(folder: Path, rows: str, start: str = "2026-01-05T00:00", due_from: str = "") -> tuple[FileOrderSpec, ...]:
    key = f", due_from: {due_from}" if due_from else ""
    (folder / "net.yaml").write_text(NETWORK.replace("{file: orders.csv}", f"{{file: orders.csv{key}}}"))
    (folder / "orders.csv").write_text(rows)
    (folder / "sc.yaml").write_text(f"version: 1\nscenario: s\nnetwork: net.yaml\nstart: {start}\nhorizon: 300d\n")
    return load_scenario("sc.yaml", at=folder).network.customers[0].orders


def said(folder: Path, rows: str, **more: str) -> str:
    with pytest.raises(InputError) as refused:
        read(folder, rows, **more)
    return str(refused.value)


@pytest.mark.parametrize(
    ("at", "ms"),
    [
        ("36h", 36 * H),
        ("1d 08:00", DAY + 8 * H),
        ("2026-01-07", 2 * DAY),
        ("2026-01-07T08:30", 2 * DAY + 8 * H + H // 2),
        ("2026-01-07 08:30:15", 2 * DAY + 8 * H + H // 2 + 15_000),
        ("2026-01-07T07:30Z", 2 * DAY + 8 * H + H // 2),
        ("2026-01-07T07:30+00:00", 2 * DAY + 8 * H + H // 2),
        ("2026-03-29T02:30", 83 * DAY + 2 * H),  # does not exist in Berlin: 03:00, two hours after midnight
        ("2026-03-29T03:00", 83 * DAY + 2 * H),
        ("2026-03-30", 84 * DAY - H),
        ("83d 02:15", 83 * DAY + 2 * H),
        ("84d 08:00", 84 * DAY + 7 * H),
        ("2026-10-25T02:30", 293 * DAY - H + 2 * H + H // 2),  # comes twice: the first
    ],
)
def test_an_order_is_placed_at_a_duration_a_date_or_a_clock_time(tmp_path: Path, at: str, ms: int) -> None:
    (order,) = read(tmp_path, f"id,at,item,quantity\nO,{at},A,10\n")
    assert order.at_ms == ms


@pytest.mark.parametrize(("start", "hours"), [("2026-01-05T06:00", -6), ("2026-01-05T18:45", -18.75)])
def test_a_clock_time_is_the_wall_s_whatever_the_hour_of_the_start(tmp_path: Path, start: str, hours: float) -> None:
    orders = read(tmp_path, "id,at,item,quantity\nO1,7d 08:00,A,1\nO2,2026-01-12T08:00,A,1\nO3,7d,A,1\n", start=start)
    assert [o.at_ms for o in orders] == [7 * DAY + (8 + hours) * H] * 2 + [7 * DAY]


def test_disruptions_know_the_wall_s_clock_too(tmp_path: Path) -> None:
    read(tmp_path, "id,at,item,quantity\nO,1d,A,1\n")
    scenario = (
        "version: 1\nscenario: s\nnetwork: net.yaml\nstart: 2026-03-27T06:00\nhorizon: 30d\n"
        "disruptions: [{id: x, kind: site-closed, target: w, at: 3d 08:00, for: 1d}]\n"
    )
    (tmp_path / "sc.yaml").write_text(scenario)
    (x,) = load_scenario("sc.yaml", at=tmp_path).scenario.disruptions
    assert x.at_s == 3 * 86_400 + 2 * 3600 - 3600  # clocks went forward in between


@pytest.mark.parametrize(
    ("due_from", "due", "ms"),
    [
        ("", "2d", 5 * DAY),
        ("", "2026-01-12", 7 * DAY),
        ("", "", -1),
        ("order", "36h", 3 * DAY + 36 * H),
        ("order", "", -1),
        ("start", "4d", 4 * DAY),
        ("start", "4d 12:00", 4 * DAY + 12 * H),
        ("start", "2026-01-12T06:00", 7 * DAY + 6 * H),
        ("start", "", -1),
    ],
)
def test_a_due_date_counts_from_the_order_from_the_start_or_is_a_date(
    tmp_path: Path, due_from: str, due: str, ms: int
) -> None:
    (order,) = read(tmp_path, f"id,at,item,quantity,due\nO,3d,A,10,{due}\n", due_from=due_from)
    assert order.due_ms == ms


def test_a_date_where_durations_are_asked_for_is_refused(tmp_path: Path) -> None:
    rows = "id,at,item,quantity,due\nO,3d,A,10,2026-01-12\n"
    assert "'2026-01-12' is a date. allowed with due_from: order: a duration" in said(tmp_path, rows, due_from="order")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_and_be_separated_by_any_sign(tmp_path: Path, sign: str) -> None:
    rows = "\n".join(sign.join(row) for row in (
        ("quantity", "item", "weight_kg", "id", "at"), ("10", "A", "0.5", "O1", "1d"), ("20", "B-2", "", "O2", "2d"),
        ("", "", "", "", ""), ("7", "A", "12.25", "O3", "3d"),
    ))  # fmt: skip
    orders = read(tmp_path, rows + "\n")
    assert [(o.id, o.item, o.quantity, o.weight_g, o.at_ms) for o in orders] == [
        ("O1", "A", 10, 500, DAY), ("O2", "B-2", 20, 0, 2 * DAY), ("O3", "A", 7, 12_250, 3 * DAY),
    ]  # fmt: skip


def test_a_decimal_comma_is_read_where_it_can_be_nothing_else(tmp_path: Path) -> None:
    rows = "id;at;item;quantity;weight_kg\nO1;1d;A;10;12,5\nO2;1d;A;10;0,750\nO3;1d;A;10,0;1234,5678\n"
    assert [o.weight_g for o in read(tmp_path, rows)] == [12_500, 750, 1_234_568]
    assert [o.weight_g for o in read(tmp_path, 'id,at,item,quantity,weight_kg\nO,1d,A,10,"12,5"\n')] == [12_500]


@pytest.mark.parametrize(
    ("text", "point", "want"),
    [
        ("1,200", True, "'1,200' may be 1200 or 1.2"),
        ("1.200", False, "'1.200' may be 1200 or 1.2"),
        ("12,345", False, "'12,345' may be 12345 or 12.345"),
        ("1.200,00", True, "'1.200,00' has signs between thousands"),
        ("1,200,000", True, "'1,200,000' has signs between thousands"),
        ("1 200", False, "'1 200' has signs between thousands"),
        ("1'200", True, "has signs between thousands"),
        ("ten", True, "'ten' is not a number"),
        ("1_000", True, "is not a number"),
        ("nan", True, "is not a number"),
        ("-3", True, "is negative"),
        ("1e13", True, "is too large. allowed: at most 1000000000000"),
    ],
)
def test_a_number_that_may_be_two_is_neither(text: str, point: bool, want: str) -> None:
    with pytest.raises(Refused) as refused:
        decimal(text, point)
    assert want in str(refused.value)
    assert decimal("1.200", True) == decimal("1,2", True) == decimal("1.2", False)


@pytest.mark.parametrize(
    ("rows", "want"),
    [
        ("id|at|item|quantity\nO|1d|A|1\n", "the header is the one column 'id|at|item|quantity'. allowed: "
         "id, at, item, quantity, separated by a comma, a semicolon, a tab"),
        ("id;at;item;quantity\nO,1d,A,1\n", "orders.csv:2:1: the row has 1 columns. allowed: 4, as in the header, "
         "separated by a semicolon and not by a comma"),
        ("id,at,item,quantity\nO,07.01.2026 08:00,A,1\n", "'07.01.2026 08:00' is not a date as ISO 8601 writes it"),
        ("id,at,item,quantity\nO,1/7/2026,A,1\n", "'1/7/2026' is not a date as ISO 8601 writes it"),
        ("id,at,item,quantity\nO,45999,A,1\n", "'45999' is a number without a unit"),
        ("id,at,item,quantity\nO,2026-02-30,A,1\n", "'2026-02-30' is not a date that exists"),
        ("id,at,item,quantity\nO,2026-01-04,A,1\n", "is before the start, 2026-01-05T00:00 in Europe/Berlin"),
        ("id,at,item,quantity\nO,2226-01-04,A,1\n", "is too far off. allowed: at most 100 years after the start"),
        ("id,at,item,quantity\nO,1d 25:00,A,1\n", "'25:00' is not a time of day"),
        ("id,at,item,quantity\nO,1d,A,1e13\n", "is too large. allowed: at most 1000000000000"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path: Path, rows: str, want: str) -> None:
    assert want in said(tmp_path, rows)


def test_many_faults_of_one_kind_are_told_as_one(tmp_path: Path) -> None:
    rows = "id,at,item,quantity\n" + "".join(f"O{n},0{1 + n % 9}.01.2026,A,1\n" for n in range(99))
    told = said(tmp_path, rows)
    assert "and 97 more like this" in told and told.count("ISO 8601") == 2


def test_a_day_before_the_start_s_hour_is_no_time_of_the_run() -> None:
    clock = Clock("2026-01-05T06:00", "America/New_York")
    with pytest.raises(Refused, match=r"'0d 05:00' is before the start, 2026-01-05T06:00 in America/New_York"):
        moment("0d 05:00", clock)
    assert moment("0d 06:30", clock) == 1800 and moment("2026-01-05T12:00Z", clock) == 3600
