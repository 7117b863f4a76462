"""The network file, key by key: what may be written, in which unit, and what it means.

Only shape and single values are judged here; what refers to something else is judged in `scenarios.files.references`.
"""

from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from scenarios.errors import Refused
from scenarios.files.fields import (
    Amount,
    Buffers,
    Count,
    CountLaw,
    Currency,
    Day,
    Duration,
    Every,
    Factor,
    Flag,
    Grams,
    Id,
    IdList,
    Ids,
    LaneCost,
    Micro,
    Minor,
    Part,
    Penalty,
    Pieces,
    Position,
    Rate,
    Share,
    ShareAboveZero,
    ShareBelowOne,
    SomePieces,
    SomeTime,
    SomeTimeLaw,
    Text,
    TimeLaw,
    Version,
    WholeRate,
    Zone,
    as_choice,
)
from scenarios.files.weeks import as_week

Week = tuple[tuple[tuple[int, int], ...], ...]


def one_of(*choices: str) -> tuple[Any, Any]:
    """The annotations of a field that takes one of a few words."""

    def check(value: Any) -> str:
        return as_choice(value, choices)

    return PlainValidator(check), WithJsonSchema({"type": "string", "enum": list(choices)})


def _posts(value: Any) -> str:
    if value == "request":
        raise Refused("'request' (a synchronous call) is not simulated yet. allowed: immediate, batch, mail, file")
    return as_choice(value, ("immediate", "batch", "mail", "file"))


class CalendarPart(Part):
    """When work goes on."""

    id: Id = Field(description="Name of the calendar, unique in the file.")
    week: Annotated[
        Week,
        PlainValidator(as_week),
        WithJsonSchema({"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array"}]}}),
    ] = Field(description='Shifts by weekday or range: {mon-fri: "06:00-22:00", sat: ["06:00-10:00", "11:00-14:00"]}.')
    holidays: list[Day] = Field([], description="Days (YYYY-MM-DD) on which no shift begins.")
    timezone: Zone | None = Field(None, description="IANA time zone of the shifts; the network's when left out.")


class ItemPart(Part):
    """Something that is made, bought, kept or sold."""

    id: Id = Field(description="Name of the item, unique in the file.")
    uom: Text = Field("pcs", description="Unit of measure; quantities are whole numbers of it.")
    value: Minor = Field(0, description="Value of one piece, in the network's currency.")
    weight_kg: Grams = Field(0, description="Weight of one piece in kilograms.")
    shelf_life: SomeTime | None = Field(None, description="How long a piece may be kept, a duration.")


class AlternatePart(Part):
    """A substitute for a component."""

    replace: Id = Field(description="The component that may be replaced.")
    with_: Id = Field(alias="with", description="The item that may be used instead.")
    ratio: Count = Field(1, description="Pieces of the substitute for one piece of the component.")
    approval: Text = Field("", description="Approval class a substitution needs.")
    plants: IdList | None = Field(None, description="Plants where it is allowed; all when left out.")


class BomPart(Part):
    """What one piece of an item is made of."""

    item: Id = Field(description="The item that is made.")
    needs: dict[str, SomePieces] = Field(
        description="Component -> pieces per piece, used when the piece enters the line."
    )
    plant: Id | None = Field(None, description="The plant this holds for; all when left out.")
    alternates: list[AlternatePart] = Field([], description="Substitutes for components.")


class ReplenishPart(Part):
    """A static rule of replenishment: `s, S, from`, `r, q, from` or `review, S, from`."""

    s: Pieces | None = Field(None, description="Reorder when the inventory position is at or below s ...")
    big_s: SomePieces | None = Field(None, alias="S", description="... up to S pieces.")
    r: Pieces | None = Field(None, description="Reorder when the inventory position is at or below r ...")
    q: SomePieces | None = Field(None, description="... in lots of q pieces.")
    review: SomeTime | None = Field(None, description="Look at the position only every `review`, and order up to S.")
    from_: Ids = Field(alias="from", description="Sources in order of preference: suppliers, plants or warehouses.")


class CrewPart(Part):
    """People who repair and maintain."""

    id: Id = Field(description="Name of the crew, unique in the file.")
    size: Count = Field(1, description="Jobs it can do at the same time.")
    calendar: Id | None = Field(None, description="When it works; always when left out.")


class MakePart(Part):
    """An item a line can make."""

    item: Id = Field(description="The item.")
    lot: SomePieces = Field(1, description="Release size in pieces.")
    setup: Duration = Field(0.0, description="Changeover time, paid when the item changes.")
    yield_: ShareAboveZero = Field(1.0, alias="yield", description="Share of good pieces, above 0 to 1.")
    cycle_factor: Factor = Field(1.0, description="Multiplies every machine's cycle for this item.")
    rate: Rate | None = Field(None, description="Pieces per day of this item; not simulated yet, use cycle_factor.")


class FailsPart(Part):
    """Breakdowns of a machine."""

    after: SomeTimeLaw = Field(description="Time to failure.")
    repair: TimeLaw = Field(description="Time to repair, in calendar time.")
    counts: Annotated[str, *one_of("operating", "calendar")] = Field(
        "operating", description="Whether time to failure runs in operating or in calendar time."
    )


class MaintenancePart(Part):
    """Planned maintenance of a machine."""

    every: Every = Field(description="Interval: a duration, or a number of cycles with `counts: cycles`.")
    for_: TimeLaw = Field(alias="for", description="How long it takes.")
    counts: Annotated[str, *one_of("calendar", "operating", "cycles")] = Field(
        "calendar", description="What the interval counts."
    )


class ReworkPart(Part):
    """Pieces that go back."""

    share: ShareBelowOne = Field(description="Share of pieces sent back, below 1.")
    to: Id = Field(description="The machine of the same line they go back to.")


class MachinePart(Part):
    """A station of a line."""

    id: Id = Field(description="Name of the machine, unique in its line.")
    parallel: Count = Field(1, description="Identical machines side by side.")
    cycle: SomeTimeLaw = Field(description="Time per piece.")
    fails: FailsPart | None = Field(None, description="Breakdowns; none when left out.")
    crew: Id | None = Field(None, description="Crew of the plant that repairs and maintains it.")
    maintenance: list[MaintenancePart] = Field([], description="Planned maintenance.")
    rework: ReworkPart | None = Field(None, description="Pieces sent back to a machine.")
    scrap: ShareBelowOne = Field(0.0, description="Share of pieces scrapped here, below 1.")


class LinePart(Part):
    """A production line: a plain `rate`, or `machines` in series."""

    id: Id = Field(description="Name of the line, unique in its plant.")
    calendar: Id | None = Field(None, description="When it works; the plant's calendar holds as well.")
    makes: list[MakePart] = Field(min_length=1, description="Items it can make.")
    rate: Rate | None = Field(None, description="Plain capacity, e.g. 1013/d; instead of machines.")
    counts: Annotated[str, *one_of("pcs", "orders")] = Field(
        "pcs", description="What `rate` counts: pieces, or orders whatever their quantity."
    )
    machines: list[MachinePart] = Field([], description="Stations in series; instead of rate.")
    buffers: Buffers = Field(0, description="Places between machines: a number, or a list with one per gap.")
    blocking: Annotated[str, *one_of("after-service", "before-service")] = Field(
        "after-service", description="When a machine blocks: with a finished piece, or before it begins."
    )
    supply: Annotated[str, *one_of("unlimited")] | None = Field(
        None, description="unlimited: the first machine never starves; from the plant's stock when left out."
    )
    demand: Annotated[str, *one_of("unlimited")] | None = Field(
        None, description="unlimited: makes without orders; to the plant's stock when left out."
    )
    setups: dict[str, dict[str, Duration]] = Field(
        {}, description="Changeover from item to item: {from: {to: duration}}."
    )


class SystemPart(Part):
    """How a system posts what it knows."""

    posts: Annotated[str, PlainValidator(_posts), WithJsonSchema({"enum": ["immediate", "batch", "mail", "file"]})] = (
        Field("immediate", description="Kind of channel; request is not simulated yet.")
    )
    delay: TimeLaw | None = Field(None, description="Delay of a message (1 s when left out).")
    every: SomeTime | None = Field(None, description="Interval of batch and file.")
    loses: ShareBelowOne = Field(0.0, description="Share of messages lost.")
    duplicates: Share = Field(0.0, description="Share of messages sent twice.")
    reorders: Share = Field(0.0, description="Share of messages overtaken by a later one.")
    keeps_while_down: Flag = Field(True, description="Whether messages of an outage are kept and sent afterwards.")
    timeout: SomeTime | None = Field(None, description="Only for posts: request, which is not simulated yet.")


Systems = dict[str, SystemPart]


class PlantPart(Part):
    """A plant: stock, lines and their systems."""

    id: Id = Field(description="Name of the plant, unique among plants, suppliers, warehouses and customers.")
    at: Position | None = Field(None, description="[latitude, longitude].")
    kind: Annotated[str, *one_of("own", "contract")] = Field("own", description="Own plant or contract manufacturer.")
    calendar: Id | None = Field(None, description="When it works; always when left out.")
    capacity: SomePieces | None = Field(None, description="Room for stock in pieces; without limit when left out.")
    stock: dict[str, Pieces] = Field({}, description="Item -> pieces on hand at the start.")
    replenish: dict[str, ReplenishPart] = Field({}, description="Item -> rule of replenishment.")
    serves: IdList | None = Field(None, description="The only customers it may deliver to; all when left out.")
    handling: Micro = Field(0, description="Money per piece handled.")
    crews: list[CrewPart] = Field([], description="Crews that repair and maintain.")
    lines: list[LinePart] = Field([], description="Production lines.")
    systems: Systems = Field({}, description="Systems of this plant (mes, wms, qms, cmms).")
    codes: dict[str, Text] = Field({}, description="Item -> this plant's own code for it.")


class SupplierItemPart(Part):
    """What a supplier offers of an item."""

    lead: TimeLaw = Field(description="Time from order to ready; transit is the lane's.")
    capacity: Rate | None = Field(None, description="Pieces per day, e.g. 15000/d; without limit when left out.")
    moq: SomePieces = Field(1, description="Minimum order quantity in pieces.")
    price: Micro = Field(0, description="Money per piece.")
    fill: ShareAboveZero = Field(1.0, description="Share of an order that is delivered, above 0 to 1.")


class SupplierPart(Part):
    """A supplier."""

    id: Id = Field(description="Name of the supplier, unique among plants, suppliers, warehouses and customers.")
    at: Position | None = Field(None, description="[latitude, longitude].")
    calendar: Id | None = Field(None, description="When it works; always when left out.")
    items: dict[str, SupplierItemPart] = Field(description="Item -> offer.")
    systems: Systems = Field({}, description="Systems of this supplier (portal).")


class WarehousePart(Part):
    """A warehouse or port."""

    id: Id = Field(description="Name of the warehouse, unique among plants, suppliers, warehouses and customers.")
    at: Position | None = Field(None, description="[latitude, longitude].")
    capacity: SomePieces | None = Field(None, description="Room for stock in pieces; without limit when left out.")
    stock: dict[str, Pieces] = Field({}, description="Item -> pieces on hand at the start.")
    replenish: dict[str, ReplenishPart] = Field({}, description="Item -> rule of replenishment.")
    systems: Systems = Field({}, description="Systems of this warehouse (wms).")


class RatesPart(Part):
    """A carriers' table."""

    file: Text = Field(description="CSV: carrier, service, min_kg, max_kg, minimum, per_kg, days.")


class LanePart(Part):
    """A directed way from site to site; lists stand for every pair."""

    from_: Ids = Field(alias="from", description="Where it begins: an id or a list of ids.")
    to: Ids = Field(description="Where it ends: an id or a list of ids.")
    time: TimeLaw | None = Field(None, description="Transit time; needed unless `rates` is given.")
    cost: LaneCost | None = Field(None, description="1.9/pcs, 35/shipment or both joined by +; free when left out.")
    rates: RatesPart | None = Field(None, description="A carriers' table instead of time and cost.")
    capacity: WholeRate | None = Field(None, description="Pieces per day, e.g. 2500/d; without limit when left out.")
    co2: Amount = Field(0.0, ge=0, description="Grams of CO2 per kilogram carried.")
    mode: Text = Field("", description="Road, sea, ...; a label.")


class OrdersPart(Part):
    """Where a customer's orders come from: a random stream, or a `file`."""

    every: SomeTimeLaw | None = Field(None, description="Time between orders.")
    items: dict[str, Share] = Field({}, description="Item -> share of the orders; the shares sum to 1.")
    quantity: CountLaw | None = Field(None, description="Pieces per order.")
    due: TimeLaw | None = Field(None, description="Time from order to due date.")
    late_penalty: Penalty | None = Field(None, description="12/pcs/d or 1000/order/d; none when left out.")
    partial: Flag = Field(False, description="Whether an order may be shipped in parts.")
    patience: SomeTimeLaw | None = Field(
        None, description="How long an order waits before it is lost; for ever when left out."
    )
    file: Text | None = Field(None, description="CSV of orders instead of a stream.")


class CustomerPart(Part):
    """A customer."""

    id: Id = Field(description="Name of the customer, unique among plants, suppliers, warehouses and customers.")
    served_by: IdList | None = Field(None, description="Sites that serve it, in order of preference.")
    orders: OrdersPart = Field(description="Its orders.")


class PersonPart(Part):
    """Someone who is asked."""

    role: Text = Field(description="Role a policy names, e.g. planner.")
    at: Id | None = Field(None, description="The site this person works for; everywhere when left out.")
    calendar: Id | None = Field(None, description="Working hours; always when left out.")
    responds_in: TimeLaw | None = Field(None, description="Time to answer (exponential 20min when left out).")
    approves: Share = Field(1.0, description="Share of proposals approved.")


class NetworkFile(Part):
    """A network: what there is."""

    version: Version = Field(description="Version of the file format.")
    network: Id = Field(description="Name of the network.")
    currency: Currency = Field("EUR", description="Currency of all money in the file.")
    timezone: Zone = Field("UTC", description="IANA time zone of the network.")
    calendars: list[CalendarPart] = Field([], description="Shift calendars.")
    items: list[ItemPart] = Field([], description="Items.")
    boms: list[BomPart] = Field([], description="Bills of material.")
    plants: list[PlantPart] = Field([], description="Plants.")
    suppliers: list[SupplierPart] = Field([], description="Suppliers.")
    warehouses: list[WarehousePart] = Field([], description="Warehouses.")
    lanes: list[LanePart] = Field([], description="Lanes.")
    customers: list[CustomerPart] = Field([], description="Customers.")
    systems: Systems = Field({}, description="Network-wide systems and defaults, by name.")
    people: list[PersonPart] = Field([], description="People who are asked to approve.")
