"""The Brunel tables as the deposit has them: read, checked against each other, nothing assumed.

Knows the seven CSV files and their columns; knows nothing of network or scenario files. Every fault is an InputError
that names file and line. Numbers stay text (full precision) unless a count is needed.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

from scenarios.errors import Fault, InputError, listed, nearest, show

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ORDER_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")

ORDERS = "OrderList.csv"
RATES = "FreightRates.csv"
LINKS = "PlantPorts.csv"
PRODUCTS = "ProductsPerPlant.csv"
VMI = "VmiCustomers.csv"
CAPACITIES = "WhCapacities.csv"
COSTS = "WhCosts.csv"

COLUMNS: dict[str, tuple[str, ...]] = {
    ORDERS: (
        "Order ID",
        "Order Date",
        "Origin Port",
        "Carrier",
        "TPT",
        "Service Level",
        "Ship ahead day count",
        "Ship Late Day count",
        "Customer",
        "Product ID",
        "Plant Code",
        "Destination Port",
        "Unit quantity",
        "Weight",
    ),
    RATES: (
        "Carrier",
        "orig_port_cd",
        "dest_port_cd",
        "minm_wgh_qty",
        "max_wgh_qty",
        "svc_cd",
        "minimum cost",
        "rate",
        "mode_dsc",
        "tpt_day_cnt",
        "Carrier type",
    ),
    LINKS: ("Plant Code", "Port"),
    PRODUCTS: ("Plant Code", "Product ID"),
    VMI: ("Plant Code", "Customers"),
    CAPACITIES: ("Plant ID", "Daily Capacity"),
    COSTS: ("WH", "Cost/unit"),
}


@dataclass(frozen=True)
class Rate:
    """One row of FreightRates: weights in kg, money in USD, transit in days; numbers as written."""

    carrier: str
    origin: str
    min_kg: str
    max_kg: str
    service: str
    minimum: str
    per_kg: str
    days: int


@dataclass(frozen=True)
class Order:
    """One row of OrderList. day: days after the first order date; weight_kg exact."""

    id: str
    day: int
    port: str
    carrier: str
    tpt_days: int
    service: str
    customer: str
    product: str
    plant: str
    quantity: int
    weight_kg: Decimal


@dataclass(frozen=True)
class Source:
    """Everything the folder says. Plants in the order of WhCapacities; the rest in the order of their files."""

    start: date
    capacity: dict[str, str]  # plant -> orders/day, as written
    handling: dict[str, str]  # plant -> USD/unit, as written
    products: dict[str, list[str]]  # plant -> products it makes
    vmi: dict[str, list[str]]  # plant -> the only customers it serves
    ports_of: dict[str, list[str]]  # plant -> ports it is linked to
    rates: dict[str, list[Rate]]  # origin port -> distinct rows
    orders: list[Order]
    duplicate_rates: int
    destination: str  # the one port that every rate and every order leads to
    unknown_plants: dict[str, int] = field(default_factory=dict)  # plants without a capacity -> products dropped

    @property
    def ports(self) -> list[str]:
        """Every port that a plant is linked to, sorted."""
        return sorted({port for ports in self.ports_of.values() for port in ports})

    @property
    def customers(self) -> list[str]:
        """Every customer that ordered or that a plant is reserved for, sorted."""
        reserved = {customer for customers in self.vmi.values() for customer in customers}
        return sorted(reserved | {order.customer for order in self.orders})

    @property
    def items(self) -> list[str]:
        """Every product that a plant of the network makes or a customer ordered, sorted."""
        made = {product for plant in self.capacity for product in self.products.get(plant, ())}
        return sorted(made | {order.product for order in self.orders})


@dataclass(frozen=True)
class Row:
    """One row with the place it came from, so that a bad value is reported where it stands."""

    file: str
    line: int
    cells: list[str]  # as they stand
    values: dict[str, str]  # column -> trimmed cell

    def fail(self, column: str, message: str) -> NoReturn:
        """Raise InputError for the value in `column`, at the character it begins with (when no cell is quoted)."""
        before = self.cells[: list(self.values).index(column)]
        raise InputError([Fault(self.file, self.line, sum(len(c) + 1 for c in before) + 1, column, message)])

    def id(self, column: str, pattern: re.Pattern[str] = ID) -> str:
        """An id: letters, digits, `-`, `_` (and `.` in order ids), at most 64."""
        text = self.values[column]
        if not pattern.fullmatch(text):
            self.fail(column, f"found {show(text)}; an id has 1 to 64 letters, digits, '-' or '_'.")
        return text

    def decimal(self, column: str) -> Decimal:
        """A finite number of at least 0, exact."""
        text = self.values[column]
        try:
            value = Decimal(text)
        except InvalidOperation:
            self.fail(column, f"found {show(text)}; a number is needed.")
        if not value.is_finite() or value < 0:
            self.fail(column, f"found {show(text)}; a finite number of at least 0 is needed.")
        return value

    def number(self, column: str) -> str:
        """The same, kept as text."""
        return format(self.decimal(column), "f")

    def whole(self, column: str, least: int = 0) -> int:
        """A whole number of at least `least`."""
        value = self.decimal(column)
        if value != value.to_integral_value() or value < least:
            self.fail(column, f"found {show(self.values[column])}; a whole number of at least {least} is needed.")
        return int(value)

    def day(self, column: str) -> date:
        """A calendar date, YYYY-MM-DD."""
        text = self.values[column]
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fail(column, f"found {show(text)}; a date such as 2013-05-26 is needed.")

    def known(self, column: str, names: dict[str, str], what: str) -> str:
        """An id that is one of `names`."""
        text = self.id(column)
        if text not in names:
            self.fail(column, f"{what} {show(text)} has no row in {CAPACITIES}.{nearest(text, names)}")
        return text


def read_source(src: Path) -> Source:
    """All seven tables of folder `src`. Raises InputError (one fault, file and line) when anything cannot be used."""
    if not src.is_dir():
        raise InputError([Fault(str(src), 1, 1, "", "there is no such folder; give the folder of the Brunel CSVs.")])
    missing = [name for name in COLUMNS if _find(src, name) is None]
    if missing:
        message = f"missing {listed(missing)}; the Brunel folder has {listed(COLUMNS)} (each may be .csv or .csv.gz)."
        raise InputError([Fault(str(src), 1, 1, "", message)])
    capacity = _one_each(src, CAPACITIES, "Plant ID", "Daily Capacity")
    products, unknown = _products(src, capacity)
    rates, duplicates = _rates(src)
    orders, start = _orders(src, capacity)
    return Source(
        start=start,
        capacity=capacity,
        handling=_handling(src, capacity),
        products=products,
        vmi=_pairs(src, VMI, "Customers", capacity),
        ports_of=_pairs(src, LINKS, "Port", capacity),
        rates=rates,
        orders=orders,
        duplicate_rates=duplicates,
        destination=_destination(src),
        unknown_plants=unknown,
    )


def _find(src: Path, name: str) -> Path | None:
    return next((path for path in (src / name, src / f"{name}.gz") if path.is_file()), None)


def _rows(src: Path, name: str) -> Iterator[Row]:
    path = _find(src, name) or src / name
    opened = gzip.open if path.suffix == ".gz" else open
    line = 1
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            _check_header(path, header, COLUMNS[name])
            for cells in reader:
                line = reader.line_num
                if len(cells) != len(header):
                    message = f"found {len(cells)} cells; the header has {len(header)}."
                    raise InputError([Fault(str(path), line, 1, "", message)])
                values = dict(zip(header, (cell.strip() for cell in cells), strict=True))
                yield Row(str(path), line, cells, values)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InputError([Fault(str(path), line, 1, "", f"cannot be read as CSV text: {error}.")]) from error


def _check_header(path: Path, header: list[str], wanted: tuple[str, ...]) -> None:
    if sorted(header) == sorted(wanted):
        return
    lacking = [name for name in wanted if name not in header]
    extra = [name for name in header if name not in wanted]
    parts = [f"missing {listed(lacking)}"] if lacking else []
    parts += [f"not known {listed(extra)}"] if extra else []
    found = "; ".join(parts) or "a column stands twice"
    raise InputError([Fault(str(path), 1, 1, "", f"wrong columns: {found}. The columns are {listed(wanted)}.")])


def _one_each(src: Path, name: str, key: str, value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _rows(src, name):
        plant = row.id(key)
        if plant in found:
            row.fail(key, f"{plant} stands twice in this file.")
        if row.decimal(value) == 0 and name == CAPACITIES:
            row.fail(value, "found 0; a plant needs a capacity above 0.")
        found[plant] = row.number(value)
    return found


def _handling(src: Path, capacity: dict[str, str]) -> dict[str, str]:
    costs = _one_each(src, COSTS, "WH", "Cost/unit")
    lacking = [plant for plant in capacity if plant not in costs]
    if lacking:
        message = f"has no cost for {listed(lacking)}, which {CAPACITIES} names."
        raise InputError([Fault(str(_find(src, COSTS)), 1, 1, "", message)])
    return {plant: costs[plant] for plant in capacity}


def _pairs(src: Path, name: str, column: str, capacity: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in _rows(src, name):
        values = found.setdefault(row.known("Plant Code", capacity, "plant"), [])
        value = row.id(column)
        if value not in values:
            values.append(value)
    return found


def _products(src: Path, capacity: dict[str, str]) -> tuple[dict[str, list[str]], dict[str, int]]:
    made: dict[str, dict[str, None]] = {}
    unknown: dict[str, int] = {}
    for row in _rows(src, PRODUCTS):
        plant, product = row.id("Plant Code"), row.id("Product ID")
        if plant in capacity:
            made.setdefault(plant, {})[product] = None
        else:
            unknown[plant] = unknown.get(plant, 0) + 1
    return {plant: list(products) for plant, products in made.items()}, unknown


def _rates(src: Path) -> tuple[dict[str, list[Rate]], int]:
    found: dict[str, list[Rate]] = {}
    seen: set[tuple[str, ...]] = set()
    duplicates = 0
    for row in _rows(src, RATES):
        key = tuple(row.values.values())
        if key in seen:
            duplicates += 1
            continue
        seen.add(key)
        rate = Rate(
            carrier=row.id("Carrier"),
            origin=row.id("orig_port_cd"),
            min_kg=row.number("minm_wgh_qty"),
            max_kg=row.number("max_wgh_qty"),
            service=row.id("svc_cd"),
            minimum=row.number("minimum cost"),
            per_kg=row.number("rate"),
            days=row.whole("tpt_day_cnt"),
        )
        found.setdefault(rate.origin, []).append(rate)
    return found, duplicates


def _destination(src: Path) -> str:
    """The one port all freight goes to. A second one would need customers told apart by port: refused."""
    first = ""
    for name, column in ((ORDERS, "Destination Port"), (RATES, "dest_port_cd")):
        for row in _rows(src, name):
            port = row.id(column)
            first = first or port
            if port != first:
                row.fail(column, f"found {port}, but other rows lead to {first}; this importer knows one destination.")
    return first


def _orders(src: Path, capacity: dict[str, str]) -> tuple[list[Order], date]:
    rows = list(_rows(src, ORDERS))
    if not rows:
        raise InputError([Fault(str(_find(src, ORDERS)), 1, 1, "", "has no order.")])
    start = min(row.day("Order Date") for row in rows)
    orders: dict[str, Order] = {}
    for row in rows:
        order = Order(
            id=row.id("Order ID", ORDER_ID),
            day=(row.day("Order Date") - start).days,
            port=row.id("Origin Port"),
            carrier=row.id("Carrier"),
            tpt_days=row.whole("TPT"),
            service=row.id("Service Level"),
            customer=row.id("Customer"),
            product=row.id("Product ID"),
            plant=row.known("Plant Code", capacity, "plant"),
            quantity=row.whole("Unit quantity", least=1),
            weight_kg=row.decimal("Weight"),
        )
        if order.id in orders:
            row.fail("Order ID", f"order {order.id} stands twice in this file.")
        orders[order.id] = order
    return list(orders.values()), start
