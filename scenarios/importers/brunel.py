"""Writes the Brunel outbound network and its four scenarios as files a person can read and change.

Turns what brunel_source reads into network.yaml, the CSVs it names, four scenario files and ASSUMPTIONS.md. Where the
data is silent an assumption is made: each is an option or a sentence in ASSUMPTIONS.md, and both stand in the files.

    customer's order -> PLANT (line `pack`, orders/day) -> 0 d, 0 USD -> PORT -> rates-PORT.csv -> customer
"""

import csv
import io
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from scenarios.errors import Fault, InputError
from scenarios.files.tables import ORDERS, RATES
from scenarios.importers.brunel_source import Order, Source, read_source
from scenarios.importers.registry import Options, importer, option

OWN_FREIGHT = "CRF"
GRAM = Decimal("0.001")
CITATION = (
    "Kalganova T., Dzalbs I. (2019) Supply Chain Logistics Problem Dataset, Brunel University London, "
    "doi:10.17633/rd.brunel.7558679 (licence as recorded by a careful re-user: CC BY 4.0)"
)
WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class BrunelOptions(Options):
    """Every assumption that is a number or a choice. Days are calendar days, money is USD."""

    horizon_days: int = option(40, "Days that are simulated.", least=1, most=36_500)
    late_penalty: int = option(1000, "USD per order and day.", least=0, most=10**12)
    due_slack_days: int = option(2, "Due = order day + TPT + this.", least=0, most=36_500)
    reroute_auto_below: str = option(
        "always",
        "Extra cost in USD below which no person is asked, or always.",
        pattern=r"always|\d+(\.\d{1,2})?",
        allowed="always or an amount",
    )
    counts: str = option(
        "orders", "What an order loads its plant's rate by: 1, or its pieces.", choices=("orders", "pcs")
    )
    own_transit_days: int | None = option(
        None,
        "Transit of own-freight (CRF) and unpriced orders; the order's own TPT when left out.",
        least=0,
        most=36_500,
    )
    seed: int = option(0, "Seed of all random numbers.", least=0, most=2**63 - 1)


@dataclass(frozen=True)
class Story:
    """One scenario file: `disruption` is (id, kind, target, factor) or None for the undisturbed network."""

    name: str
    title: str
    disruption: tuple[str, str, str, str] | None = None


STORIES = (
    Story("brunel", "{orders} real orders of one day on {plants} plants, nothing disturbed"),
    Story(
        "brunel-plant03-half",
        "PLANT03, which history gave most of {orders} orders, works at half its rate",
        ("plant03-half", "plant-slow", "PLANT03", "0.5"),
    ),
    Story(
        "brunel-plant03-out",
        "PLANT03, which history gave most of {orders} orders, is out",
        ("plant03-out", "plant-down", "PLANT03", ""),
    ),
    Story(
        "brunel-port04-closed",
        "PORT04, through which most of {orders} orders leave, is closed",
        ("port04-closed", "site-closed", "PORT04", ""),
    ),
)


@importer("brunel", BrunelOptions, "folder of its CSV files")
def import_brunel(src: Path, out: Path, options: BrunelOptions = BrunelOptions()) -> list[Path]:
    """The Brunel outbound network: network.yaml and four scenarios.

    Reads the folder `src`, writes network, CSVs, scenarios and ASSUMPTIONS.md into `out` (made if absent). The
    files written, in order. Raises InputError (one clear line) when the source or an option cannot be used.
    """
    source = read_source(src)
    assumptions = list_assumptions(source, options)
    texts = {"ASSUMPTIONS.md": _assumptions_file(assumptions), "network.yaml": _network(source, options, assumptions)}
    for port in source.ports:
        rows = source.rates.get(port, ())
        texts[f"rates-{port}.csv"] = _csv(
            RATES.names, ((r.carrier, r.service, r.min_kg, r.max_kg, r.minimum, r.per_kg, r.days) for r in rows)
        )
    edges = _edges(source)
    for customer, orders in _by_customer(source).items():
        texts[f"orders/{customer}.csv"] = _csv(ORDERS.names, (_order_row(order, options, edges) for order in orders))
    for story in STORIES:
        texts[f"{story.name}.yaml"] = _scenario(story, source, options)
    return _write(out, texts)


def list_assumptions(source: Source, options: BrunelOptions) -> list[str]:
    """Every assumption and every departure from the data, one sentence each."""
    transit = "TPT days" if options.own_transit_days is None else f"{options.own_transit_days} d"
    load = "by 1 whatever its quantity" if options.counts == "orders" else "by its quantity"
    return [
        f"Each of the {len(source.capacity)} plants is one packing line `pack` with the daily capacity of WhCapacities;"
        f" an order loads it {load} (the source counts orders, not units).",
        "No machines, failures, bills of material, suppliers or stock: the data has none. Every order is made to"
        " order.",
        f"All {len(source.orders)} orders are released at 00:00 UTC of their order day (first day {source.start}),"
        " customer by customer, each in the order of the file.",
        f"Due = order day + TPT + {options.due_slack_days} d; a late order costs {options.late_penalty} USD a day.",
        "From a plant to its ports: 0 d and 0 USD. Ports are open, unlimited and hold no stock.",
        f"{source.destination} is origin and destination in the source. The destination is taken as the customers'"
        " region: the rates are those of the lanes from an origin port straight to every customer.",
        *_unrated(source),
        "An unmoved order keeps its carrier and port. A moved one takes the cheapest matching weight band of its own"
        " service level, else of any, else the nearest band of the cheapest lane, counted in orders_unpriced.",
        f"CRF orders (customer's own freight, {_count(source, OWN_FREIGHT)} of them) pay no freight and are not counted"
        f" unpriced. CRF and unpriced orders travel {transit}; priced ones the days of their band.",
        "Eligible is a plant that makes the product, may serve the customer (VmiCustomers) and has an open port; orders"
        " other than CRF need a port with rates. The service level is ignored.",
        "Weights are taken as kg and rounded to grams, never across the edge of a weight band;"
        f" {sum(1 for o in source.orders if not o.weight_kg)} orders weigh 0. Money is 2013 USD.",
        f"{source.duplicate_rates} rate rows that repeat another row were dropped.",
        *_left_out(source),
        f"A reroute or transfer {_approval(options)}.",
        f"Disruptions last the whole horizon of {options.horizon_days} d.",
        "Not used: ship-ahead and ship-late day counts, transport mode, carrier type.",
    ]


def _unrated(source: Source) -> list[str]:
    ports = [port for port in source.ports if port not in source.rates]
    return [f"{port} has no rates: only CRF orders may leave by it (its rates file is empty)." for port in ports]


def _left_out(source: Source) -> list[str]:
    sentences = [
        f"Plant {plant} of ProductsPerPlant has no capacity and no cost: left out (product rows dropped: {count})."
        for plant, count in source.unknown_plants.items()
    ]
    idle = [plant for plant in source.capacity if plant not in source.products]
    sentences += [
        f"{plant} makes nothing in ProductsPerPlant: it stays in the network without a line." for plant in idle
    ]
    ordered = {order.customer for order in source.orders}
    silent = [customer for customer in source.customers if customer not in ordered]
    if silent:
        sentences.append(f"Named in VmiCustomers but without an order (their files are empty): {', '.join(silent)}.")
    return sentences


def _count(source: Source, service: str) -> int:
    return sum(1 for order in source.orders if order.service == service)


def _approval(options: BrunelOptions) -> str:
    if options.reroute_auto_below == "always":
        return "never waits for a person (auto_below: always)"
    return f"waits for a person from {options.reroute_auto_below} USD of extra cost"


def _by_customer(source: Source) -> dict[str, list[Order]]:
    found: dict[str, list[Order]] = {customer: [] for customer in source.customers}
    for order in source.orders:
        found[order.customer].append(order)
    return found


def _order_row(order: Order, options: BrunelOptions, edges: Sequence[Decimal]) -> tuple[object, ...]:
    at = f"{order.day}d" if order.day else "0s"
    transit = order.tpt_days if options.own_transit_days is None else options.own_transit_days
    return (
        *(order.id, at, order.product, order.quantity, _grams(order.weight_kg, edges), order.service, order.carrier),
        *(order.plant, order.port, f"{order.tpt_days + options.due_slack_days}d"),
        *(f"{options.late_penalty}/order/d", f"{transit}d"),
    )


def _grams(weight_kg: Decimal, edges: Sequence[Decimal]) -> str:
    """Kilograms to the nearest gram that lies on the same side of every band edge, without idle zeros.

    1.00006 kg is heavier than a band that ends at 1 kg, so it becomes 1.001: rounding must not price an order.
    """
    near = weight_kg.quantize(GRAM, ROUND_HALF_EVEN)
    low, high = sorted((near, weight_kg))
    crossed = bisect_right(edges, high) - bisect_left(edges, low)
    if crossed and near < weight_kg and edges[bisect_right(edges, weight_kg) - 1] < weight_kg:
        near += GRAM
    elif crossed and near > weight_kg and edges[bisect_left(edges, weight_kg)] > weight_kg:
        near -= GRAM
    text = format(near, "f")
    return text.rstrip("0").rstrip(".")


def _edges(source: Source) -> list[Decimal]:
    rows = [rate for rates in source.rates.values() for rate in rates]
    return sorted({Decimal(kg) for rate in rows for kg in (rate.min_kg, rate.max_kg)})


def _network(source: Source, options: BrunelOptions, assumptions: Sequence[str]) -> str:
    lines = [
        "# A real outbound network: a global microchip producer, one planning day.",
        *_comment(f"Source: {CITATION}."),
        "# Written by `plantsync import brunel`; yours to change.",
        "#",
        "# Assumptions:",
        *(line for sentence in assumptions for line in _comment(sentence, "- ")),
        "version: 1",
        "network: brunel",
        "currency: USD",
        "timezone: UTC",
        f"items:  # {len(source.items)} products; an order's weight stands in its row",
        *(f"  - {{id: {_name(item)}}}" for item in source.items),
        f"plants:  # {len(source.capacity)}; rate = daily capacity, counted in {options.counts}",
    ]
    for plant in source.capacity:
        lines += _plant(plant, source, options)
    lines.append("warehouses:  # the ports: goods pass through, nothing is kept")
    lines += [f"  - {{id: {port}}}" for port in source.ports]
    lines.append("lanes:")
    for plant, ports in source.ports_of.items():
        lines.append(f"  - {{from: {plant}, to: {_flow(ports)}, time: 0d, cost: 0/pcs}}")
    for port in source.ports:
        lines.append(f"  - from: {port}  # {len(source.rates.get(port, ()))} rates to {source.destination}")
        lines.append(f"    rates: {{file: rates-{port}.csv}}")
        lines += _wrapped("    to: ", source.customers)
    lines.append("customers:  # served_by: the plants that may serve it and make something it ordered")
    for customer, orders in _by_customer(source).items():
        lines.append(f"  - id: {_name(customer)}")
        lines.append(f"    orders: {{file: orders/{customer}.csv}}  # {len(orders)}")
        lines += _wrapped("    served_by: ", _servers(customer, orders, source))
    return "\n".join(lines) + "\n"


def _plant(plant: str, source: Source, options: BrunelOptions) -> list[str]:
    products = source.products.get(plant, [])
    lines = [f"  - id: {plant}", f"    handling: {source.handling[plant]}/pcs"]
    if plant in source.vmi:
        lines += _wrapped("    serves: ", source.vmi[plant])
    if not products:  # a line must make something
        return [
            *lines,
            f"    # no line: makes nothing in ProductsPerPlant (its capacity is {source.capacity[plant]}/d)",
        ]
    lines += ["    lines:", "      - id: pack", f'        rate: "{source.capacity[plant]}/d"']
    lines.append(f"        counts: {options.counts}")
    return [*lines, *_wrapped("        makes: ", [f"{{item: {_name(p)}}}" for p in products], bare=True)]


def _servers(customer: str, orders: Sequence[Order], source: Source) -> list[str]:
    """Plants that may serve the customer; of those, when it ordered, the ones that make something it ordered."""
    allowed = [plant for plant in source.capacity if customer in source.vmi.get(plant, [customer])]
    wanted = {order.product for order in orders}
    if not wanted:
        return [plant for plant in allowed if plant in source.vmi]
    return [plant for plant in allowed if wanted.intersection(source.products.get(plant, ()))]


def _scenario(story: Story, source: Source, options: BrunelOptions) -> str:
    title = story.title.format(orders=f"{len(source.orders):,}", plants=len(source.capacity))
    lines = [
        *_comment(f"Source: {CITATION}. The assumptions stand in ASSUMPTIONS.md."),
        "version: 1",
        f"scenario: {story.name}",
        "network: network.yaml",
        f'title: "{title}"',
        f"start: {source.start}T00:00",
        f"horizon: {options.horizon_days}d",
        f"seed: {options.seed}",
        "ways: [none, fragmented, synced]",
    ]
    if story.disruption is not None:
        name, kind, target, factor = story.disruption
        more = f", factor: {factor}" if factor else ""
        lines.append("disruptions:  # the whole horizon, its own last instant too")
        lasts = f"{options.horizon_days + 1}d"
        lines.append(f"  - {{id: {name}, kind: {kind}, target: {target}{more}, at: 0s, for: {lasts}}}")
    limit = options.reroute_auto_below
    lines += ["policy:", "  approvals:"]
    lines += [f"    {action}: {{auto_below: {limit}}}" for action in ("reroute", "transfer")]
    return "\n".join(lines) + "\n"


def _assumptions_file(assumptions: Iterable[str]) -> str:
    return "\n".join(["# Assumptions of the Brunel network", "", f"Source: {CITATION}.", ""]) + "\n".join(
        ["", *(f"- {sentence}" for sentence in assumptions), ""]
    )


def _comment(text: str, mark: str = "") -> list[str]:
    return textwrap.wrap(text, 118, initial_indent=f"# {mark}", subsequent_indent="# " + " " * len(mark))


def _name(text: str) -> str:
    """An id as YAML text: plain when no reader can take it for a number or a truth value, else quoted."""
    plain = text[0].isalpha() and text.lower() not in WORDS_OF_YAML
    return text if plain else f'"{text}"'


def _flow(names: Iterable[str]) -> str:
    return "[" + ", ".join(_name(name) for name in names) + "]"


def _wrapped(head: str, names: Sequence[str], bare: bool = False) -> list[str]:
    """`head[a, b, ...]` in lines of at most 118 characters. bare: `names` are YAML already."""
    margin = " " * (len(head) + 1)
    lines, line = [], head + "["
    for index, name in enumerate(names):
        word = (name if bare else _name(name)) + ("," if index + 1 < len(names) else "")
        if len(line) + len(word) > 118:
            lines.append(line.rstrip())
            line = margin
        line += word + " "
    return [*lines, line.rstrip() + "]"]


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _write(out: Path, texts: dict[str, str]) -> list[Path]:
    written = []
    try:
        for name, text in texts.items():
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        raise InputError([Fault(str(out), 1, 1, "", f"cannot be written: {error}.")]) from error
    return written
