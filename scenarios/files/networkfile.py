"""The network file, key by key: what may be written, in which unit, and what it means.

Only shape and single values are judged here; what refers to something else is judged in `scenarios.files.references`.
"""

from typing import Annotated, Any, ClassVar, get_args

from pydantic import Field

from plants import definition as d
from scenarios.files.demandfile import CustomerPart
from scenarios.files.fields import (
    Amount,
    Buffers,
    Count,
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
    Pieces,
    Position,
    Preference,
    Rate,
    RatesFile,
    Share,
    ShareAboveZero,
    ShareBelowOne,
    ShareOfYear,
    ShiftWeek,
    SomePieces,
    SomeTime,
    SomeTimeLaw,
    Text,
    TimeLaw,
    Version,
    WholeRate,
    Zone,
    as_choice,
    one_of,
)
from scenarios.files.kinds import NoEffect, choice
from sync.vocabulary.errors import Refused

POSTS = get_args(d.Posts)


def _posts(value: Any) -> str:
    if value == "request":
        raise Refused(f"'request' (a synchronous call) is not simulated yet. allowed: {', '.join(POSTS)}")
    return as_choice(value, POSTS)


class CalendarPart(Part):
    """When work goes on."""

    id: Id = Field(description="Name of the calendar, unique in the file.", examples=["day"])
    week: ShiftWeek = Field(description="Shifts by weekday, or by range of days.")
    holidays: list[Day] = Field([], description="Days (YYYY-MM-DD) on which no shift begins.")
    timezone: Zone | None = Field(None, description="IANA time zone of the shifts; the network's when left out.")


class ItemPart(Part):
    """Something that is made, bought, kept or sold."""

    id: Id = Field(description="Name of the item, unique in the file.", examples=["GEAR"])
    uom: Annotated[Text, NoEffect("A label.")] = Field(
        d.ItemSpec.uom, description="Unit of measure; quantities are whole numbers of it."
    )
    value: Minor = Field(d.ItemSpec.value_minor, description="Value of one piece, in the network's currency.")
    weight_kg: Grams = Field(d.ItemSpec.weight_g, description="Weight of one piece in kilograms.")
    shelf_life: Annotated[SomeTime | None, NoEffect("Nothing perishes.")] = Field(
        None, description="How long a piece may be kept, a duration."
    )
    price: Minor | None = Field(None, description="What a customer pays for one piece.")


class AlternatePart(Part):
    """A substitute for a component."""

    replace: Id = Field(description="The component that may be replaced.", examples=["SHAFT"])
    with_: Id = Field(alias="with", description="The item that may be used instead.", examples=["SHAFT-B"])
    ratio: Count = Field(d.AlternateSpec.ratio, description="Pieces of the substitute for one piece of the component.")
    approval: Text = Field(d.AlternateSpec.approval, description="Approval class a substitution needs.")
    plants: IdList | None = Field(None, description="Plants where it is allowed; all when left out.")


class BomPart(Part):
    """What one piece of an item is made of."""

    item: Id = Field(description="The item that is made.", examples=["GEAR"])
    needs: dict[str, SomePieces] = Field(
        description="Component -> pieces per piece, used when the piece enters the line.", examples=[{"SHAFT": 2}]
    )
    plant: Id | None = Field(None, description="The plant this holds for; all when left out.")
    alternates: Annotated[list[AlternatePart], NoEffect("Nobody substitutes.")] = Field(
        [], description="Substitutes for components."
    )


class ReplenishPart(Part):
    """A static rule of replenishment: `s, S, from`, `r, q, from` or `review, S, from`."""

    shown: ClassVar[tuple[str, ...]] = ("s", "S")

    s: Pieces | None = Field(None, description="Reorder when the inventory position is at or below s ...")
    big_s: SomePieces | None = Field(None, alias="S", description="... up to S pieces.")
    r: Pieces | None = Field(None, description="Reorder when the inventory position is at or below r ...")
    q: SomePieces | None = Field(None, description="... in lots of q pieces.")
    review: SomeTime | None = Field(None, description="Look at the position only every `review`, and order up to S.")
    from_: Ids = Field(alias="from", description="Sources in order of preference: suppliers, plants or warehouses.")


class CrewPart(Part):
    """People who repair and maintain."""

    id: Id = Field(description="Name of the crew, unique in the file.", examples=["fix"])
    size: Count = Field(d.CrewSpec.size, description="Jobs it can do at the same time.")
    calendar: Id | None = Field(None, description="When it works; always when left out.", examples=["day"])


class MakePart(Part):
    """An item a line can make."""

    item: Id = Field(description="The item.", examples=["GEAR"])
    lot: SomePieces = Field(d.MakeSpec.lot, description="Release size in pieces.")
    setup: Duration = Field(
        d.MakeSpec.setup_s, description="Changeover time, paid when the item changes.", examples=["40min"]
    )
    yield_: ShareAboveZero = Field(
        d.MakeSpec.yield_share, alias="yield", description="Share of good pieces, above 0 to 1."
    )
    cycle_factor: Factor = Field(d.MakeSpec.cycle_factor, description="Multiplies every machine's cycle for this item.")
    rate: Rate | None = Field(None, description="Pieces per day of this item; not simulated yet, use cycle_factor.")
    cost: Micro = Field(d.MakeSpec.cost_micro, description="Conversion cost per good piece.")
    setup_cost: Minor = Field(d.MakeSpec.setup_cost_minor, description="Money each time the line changes to this item.")
    prefer: Preference = Field(
        d.MakeSpec.prefer,
        description="true or 1: this line first, whatever work it has; 2 after 1, none last (by least work in hours).",
    )


class FailsPart(Part):
    """Breakdowns of a machine."""

    after: SomeTimeLaw = Field(description="Time to failure.")
    repair: TimeLaw = Field(
        description="Time to repair, in calendar time.", examples=[{"lognormal": {"mean": "50min", "cv": 0.8}}]
    )
    counts: Annotated[str, *one_of("operating", "calendar")] = Field(
        d.FailureSpec.counts, description="Whether time to failure runs in operating or in calendar time."
    )


class MaintenancePart(Part):
    """Planned maintenance of a machine."""

    every: Every = Field(description="Interval: a duration, or a number of cycles with `counts: cycles`.")
    for_: TimeLaw = Field(alias="for", description="How long it takes.", examples=["1h"])
    counts: Annotated[str, *one_of("calendar", "operating", "cycles")] = Field(
        d.MaintenanceSpec.counts, description="What the interval counts."
    )


class ReworkPart(Part):
    """Pieces that go back."""

    share: ShareBelowOne = Field(description="Share of pieces sent back, below 1.", examples=[0.1])
    to: Id = Field(description="The machine of the same line they go back to.", examples=["press"])


class MachinePart(Part):
    """A station of a line."""

    id: Id = Field(description="Name of the machine, unique in its line.", examples=["press"])
    parallel: Count = Field(d.MachineSpec.parallel, description="Identical machines side by side.")
    cycle: SomeTimeLaw = Field(
        description="Time per piece.", examples=["20s", {"lognormal": {"mean": "30s", "cv": 0.2}}]
    )
    fails: FailsPart | None = Field(None, description="Breakdowns; none when left out.")
    crew: Id | None = Field(None, description="Crew of the plant that repairs and maintains it.", examples=["fix"])
    maintenance: list[MaintenancePart] = Field([], description="Planned maintenance.")
    rework: ReworkPart | None = Field(None, description="Pieces sent back to a machine.")
    scrap: ShareBelowOne = Field(d.MachineSpec.scrap, description="Share of pieces scrapped here, below 1.")


class LinePart(Part):
    """A production line: a plain `rate`, or `machines` in series."""

    shown: ClassVar[tuple[str, ...]] = ("rate",)

    id: Id = Field(description="Name of the line, unique in its plant.", examples=["L1"])
    calendar: Id | None = Field(
        None, description="When it works; the plant's calendar holds as well.", examples=["day"]
    )
    makes: list[MakePart] = Field(min_length=1, description="Items it can make.")
    rate: Rate | None = Field(None, description="Plain capacity, e.g. 1013/d; instead of machines.")
    counts: Annotated[str, *one_of("pcs", "orders")] = Field(
        d.LineSpec.counts, description="What `rate` counts: pieces, or orders whatever their quantity."
    )
    machines: list[MachinePart] = Field([], description="Stations in series; instead of rate.")
    buffers: Buffers = Field(0, description="Places between machines: a number, or a list with one per gap.")
    blocking: Annotated[str, *one_of("after-service", "before-service")] = Field(
        d.LineSpec.blocking, description="When a machine blocks: with a finished piece, or before it begins."
    )
    supply: Annotated[str, *one_of("unlimited")] | None = Field(
        None, description="unlimited: the first machine never starves; from the plant's stock when left out."
    )
    demand: Annotated[str, *one_of("unlimited")] | None = Field(
        None, description="unlimited: makes without orders; to the plant's stock when left out."
    )
    setups: dict[str, dict[str, Duration]] = Field(
        {},
        description="Changeover from item to item: {from: {to: duration}}.",
        examples=[{"GEAR": {"SHAFT": "40min"}}],
    )


class SystemPart(Part):
    """How a system posts what it knows."""

    posts: Annotated[d.Posts, choice(_posts, *POSTS)] = Field(
        d.ChannelProfile.posts, description="Kind of channel; request is not simulated yet."
    )
    delay: TimeLaw = Field(d.ChannelProfile.delay, description="Delay of a message.", examples=["2s"])
    every: SomeTime | None = Field(None, description="Interval of batch and file.", examples=["2h"])
    loses: ShareBelowOne = Field(d.ChannelProfile.loses, description="Share of messages lost.")
    duplicates: Share = Field(d.ChannelProfile.duplicates, description="Share of messages sent twice.")
    reorders: Share = Field(d.ChannelProfile.reorders, description="Share of messages overtaken by a later one.")
    keeps_while_down: Flag = Field(
        d.ChannelProfile.keeps_while_down, description="Whether messages of an outage are kept and sent afterwards."
    )
    timeout: SomeTime | None = Field(None, description="Only for posts: request, which is not simulated yet.")


Systems = dict[str, SystemPart]


class PlantPart(Part):
    """A plant: stock, lines and their systems."""

    id: Id = Field(description="Name of the plant, unique among plants, suppliers, warehouses and customers.")
    at: Position | None = Field(None, description="[latitude, longitude].")
    kind: Annotated[str, *one_of("own", "contract"), NoEffect("Both are simulated alike.")] = Field(
        d.PlantSpec.kind, description="Own plant or contract manufacturer."
    )
    calendar: Id | None = Field(None, description="When it works; always when left out.", examples=["day"])
    capacity: SomePieces | None = Field(None, description="Room for stock in pieces; without limit when left out.")
    stock: dict[str, Pieces] = Field({}, description="Item -> pieces on hand at the start.", examples=[{"GEAR": 100}])
    replenish: dict[str, ReplenishPart] = Field(
        {}, description="Item -> rule of replenishment.", examples=[{"GEAR": {"s": 600, "S": 900, "from": ["lyon"]}}]
    )
    serves: IdList | None = Field(
        None, description="The only customers it may deliver to; all when left out.", examples=[["west"]]
    )
    handling: Micro = Field(d.PlantSpec.handling_micro, description="Money per piece handled.")
    crews: list[CrewPart] = Field([], description="Crews that repair and maintain.")
    lines: list[LinePart] = Field([], description="Production lines.")
    systems: Systems = Field(
        {}, description="Systems of this plant (mes, wms, qms, cmms).", examples=[{"mes": {"delay": "2s"}}]
    )
    codes: dict[str, Text] = Field(
        {}, description="Item -> this plant's own code for it.", examples=[{"GEAR": "4711-B"}]
    )


class SupplierItemPart(Part):
    """What a supplier offers of an item."""

    lead: TimeLaw = Field(description="Time from order to ready; transit is the lane's.")
    capacity: Rate | None = Field(None, description="Pieces per day, e.g. 15000/d; without limit when left out.")
    moq: SomePieces = Field(d.SupplierItemSpec.moq, description="Minimum order quantity in pieces.")
    price: Micro = Field(d.SupplierItemSpec.price_micro, description="Money per piece.")
    fill: ShareAboveZero = Field(
        d.SupplierItemSpec.fill, description="Share of an order that is delivered, above 0 to 1."
    )


class SupplierPart(Part):
    """A supplier."""

    id: Id = Field(
        description="Name of the supplier, unique among plants, suppliers, warehouses and customers.",
        examples=["kyoto"],
    )
    at: Position | None = Field(None, description="[latitude, longitude].")
    calendar: Id | None = Field(None, description="When it works; always when left out.", examples=["day"])
    items: dict[str, SupplierItemPart] = Field(description="Item -> offer.", examples=[{"SHAFT": {"lead": "3d"}}])
    systems: Systems = Field(
        {}, description="Systems of this supplier (portal).", examples=[{"portal": {"posts": "file", "every": "2h"}}]
    )


class WarehousePart(Part):
    """A warehouse or port."""

    id: Id = Field(
        description="Name of the warehouse, unique among plants, suppliers, warehouses and customers.",
        examples=["dc-west"],
    )
    at: Position | None = Field(None, description="[latitude, longitude].")
    capacity: SomePieces | None = Field(None, description="Room for stock in pieces; without limit when left out.")
    stock: dict[str, Pieces] = Field({}, description="Item -> pieces on hand at the start.", examples=[{"GEAR": 100}])
    replenish: dict[str, ReplenishPart] = Field(
        {}, description="Item -> rule of replenishment.", examples=[{"GEAR": {"s": 600, "S": 900, "from": ["lyon"]}}]
    )
    systems: Systems = Field({}, description="Systems of this warehouse (wms).", examples=[{"wms": {"delay": "2s"}}])


class RatesPart(Part):
    """A carriers' table."""

    file: RatesFile = Field(description="The table, a CSV.")


class LanePart(Part):
    """A directed way from site to site; lists stand for every pair."""

    shown: ClassVar[tuple[str, ...]] = ("time",)

    from_: Ids = Field(alias="from", description="Where it begins: an id or a list of ids.")
    to: Ids = Field(description="Where it ends: an id or a list of ids.")
    time: TimeLaw | None = Field(None, description="Transit time; needed unless `rates` is given.")
    cost: LaneCost | None = Field(None, description="1.9/pcs, 35/shipment or both joined by +; free when left out.")
    rates: RatesPart | None = Field(None, description="A carriers' table instead of time and cost.")
    capacity: WholeRate | None = Field(None, description="Pieces per day, e.g. 2500/d; without limit when left out.")
    co2: Amount = Field(d.LaneSpec.co2_g_per_kg, ge=0, description="Grams of CO2 per kilogram carried.")
    mode: Id | None = Field(
        None,
        description="Road, sea, ...: several lanes may join one pair when their modes differ; then a>b:mode.",
        examples=["road"],
    )
    reports_loss_after: Duration = Field(
        d.LaneSpec.reports_loss_after_s, description="From a loss on the way until the carrier tells of it."
    )
    ships: Annotated[str, *one_of("pieces", "whole")] = Field(
        d.LaneSpec.ships, description="Whether a day's capacity takes a consignment piece by piece, or whole."
    )
    refund: Share = Field(
        d.LaneSpec.refund, description="Share of the freight that is paid back for goods diverted off this lane."
    )


class PersonPart(Part):
    """Someone who is asked."""

    role: Text = Field(description="Role a policy names.", examples=["planner"])
    at: Annotated[Id | None, NoEffect("Whoever has the role is asked about every site.")] = Field(
        None, description="The site this person works for; everywhere when left out."
    )
    calendar: Id | None = Field(None, description="Working hours; always when left out.", examples=["day"])
    responds_in: TimeLaw = Field(
        d.PersonSpec.responds_in, description="Time to answer.", examples=[{"exponential": "30min"}]
    )
    approves: Share = Field(d.PersonSpec.approves, description="Share of proposals approved.")


class CostsPart(Part):
    """What owning goods costs."""

    carrying: ShareOfYear = Field(
        d.NetworkSpec.carrying, description="Cost of owning a piece for a year, as a share of its standard value."
    )


class NetworkFile(Part):
    """A network: what there is."""

    version: Version = Field(description="Version of the file format.")
    network: Id = Field(description="Name of the network.", examples=["three-plants"])
    currency: Currency = Field(d.NetworkSpec.currency, description="Currency of all money in the file.")
    timezone: Zone = Field(d.NetworkSpec.timezone, description="IANA time zone of the network.")
    calendars: list[CalendarPart] = Field([], description="Shift calendars.")
    items: list[ItemPart] = Field([], description="Items.")
    boms: list[BomPart] = Field([], description="Bills of material.")
    plants: list[PlantPart] = Field([], description="Plants.")
    suppliers: list[SupplierPart] = Field([], description="Suppliers.")
    warehouses: list[WarehousePart] = Field([], description="Warehouses.")
    lanes: list[LanePart] = Field([], description="Lanes.")
    customers: list[CustomerPart] = Field([], description="Customers.")
    systems: Systems = Field(
        {},
        description="Network-wide systems and defaults, by name.",
        examples=[{"erp": {"posts": "batch", "every": "2h"}}],
    )
    people: list[PersonPart] = Field([], description="People who are asked to approve.")
    costs: CostsPart = Field(CostsPart(), description="Cost rates of the whole network.")
