"""Parameters of the world: what is built, in canonical units, without a word about files.

Times are seconds (Law draws included), money is integer minor units or micro units per piece, quantities are integer
pieces, weights grams. Ids are as written; a line is `plant.line`, a machine `plant.line.machine`, a lane `from>to`, or
`from>to:mode` when it names a mode.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from plants.shifts import Calendar
from sim.streams import Law, constant
from sync.vocabulary.policy import Policy
from sync.vocabulary.tariff import Tariff


@dataclass(frozen=True)
class ItemSpec:
    """price_minor: what a customer pays for a piece; None: not given, and no revenue is known."""

    id: str
    uom: str = "pcs"
    value_minor: int = 0
    weight_g: int = 0
    shelf_life_s: float | None = None
    price_minor: int | None = None


@dataclass(frozen=True)
class AlternateSpec:
    """`replace` may be covered by `ratio` pieces of `with_item`, when `approval` is given, at `plants` (None: all)."""

    replace: str
    with_item: str
    ratio: int = 1
    approval: str = ""
    plants: tuple[str, ...] | None = None


@dataclass(frozen=True)
class BomSpec:
    """needs: component -> pieces per piece; plant None: all plants."""

    item: str
    needs: dict[str, int]
    plant: str | None = None
    alternates: tuple[AlternateSpec, ...] = ()


@dataclass(frozen=True)
class ReplenishSpec:
    """kind `sS` (s, S) | `rq` (r, q) | `review` (review_s, S); sources in the file's order."""

    kind: str
    sources: tuple[str, ...]
    s: int = 0
    big_s: int = 0
    r: int = 0
    q: int = 0
    review_s: float = 0.0


@dataclass(frozen=True)
class FailureSpec:
    after: Law
    repair: Law
    counts: str = "operating"  # or calendar


@dataclass(frozen=True)
class MaintenanceSpec:
    """every: seconds (counts calendar|operating) or cycles (counts cycles)."""

    every: float
    duration: Law
    counts: str = "calendar"


@dataclass(frozen=True)
class ReworkSpec:
    share: float
    to: str


@dataclass(frozen=True)
class MachineSpec:
    id: str
    cycle: Law
    parallel: int = 1
    fails: FailureSpec | None = None
    crew: str | None = None
    maintenance: tuple[MaintenanceSpec, ...] = ()
    rework: ReworkSpec | None = None
    scrap: float = 0.0


@dataclass(frozen=True)
class MakeSpec:
    """cost_micro: conversion per good piece; setup_cost_minor: each time the item changes. prefer: 1 is asked before 2,
    and 2 before a line without a preference (0), whatever work they have."""

    item: str
    lot: int = 1
    setup_s: float = 0.0
    yield_share: float = 1.0
    cycle_factor: float = 1.0
    cost_micro: int = 0
    setup_cost_minor: int = 0
    prefer: int = 0


@dataclass(frozen=True)
class LineSpec:
    """Either `rate_per_day` (plain capacity; `counts` pcs or orders) or machines in series with buffers between."""

    id: str
    makes: tuple[MakeSpec, ...]
    calendar: str | None = None
    rate_per_day: float | None = None
    counts: str = "pcs"
    machines: tuple[MachineSpec, ...] = ()
    buffers: tuple[int, ...] = ()
    blocking: str = "after-service"
    supply_unlimited: bool = False
    demand_unlimited: bool = False
    setups_s: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True)
class CrewSpec:
    id: str
    size: int = 1
    calendar: str | None = None


Posts = Literal["immediate", "batch", "mail", "file"]
PERIODIC: tuple[Posts, ...] = ("batch", "file")


@dataclass(frozen=True)
class ChannelProfile:
    """How a system posts. every_s: of those that post PERIODIC."""

    posts: Posts = "immediate"
    delay: Law = constant(1.0)
    every_s: float = 0.0
    loses: float = 0.0
    duplicates: float = 0.0
    reorders: float = 0.0
    keeps_while_down: bool = True


@dataclass(frozen=True)
class PlantSpec:
    id: str
    at: tuple[float, float] | None = None
    kind: str = "own"
    calendar: str | None = None
    capacity: int | None = None
    stock: dict[str, int] = field(default_factory=dict)
    replenish: dict[str, ReplenishSpec] = field(default_factory=dict)
    serves: tuple[str, ...] | None = None
    handling_micro: int = 0
    crews: tuple[CrewSpec, ...] = ()
    lines: tuple[LineSpec, ...] = ()
    systems: dict[str, ChannelProfile] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SupplierItemSpec:
    lead: Law
    capacity_per_day: float | None = None
    moq: int = 1
    price_micro: int = 0
    fill: float = 1.0


@dataclass(frozen=True)
class SupplierSpec:
    id: str
    items: dict[str, SupplierItemSpec]
    at: tuple[float, float] | None = None
    calendar: str | None = None
    systems: dict[str, ChannelProfile] = field(default_factory=dict)


@dataclass(frozen=True)
class WarehouseSpec:
    id: str
    at: tuple[float, float] | None = None
    capacity: int | None = None
    stock: dict[str, int] = field(default_factory=dict)
    replenish: dict[str, ReplenishSpec] = field(default_factory=dict)
    systems: dict[str, ChannelProfile] = field(default_factory=dict)


@dataclass(frozen=True)
class LaneSpec:
    """One directed link. time None: the tariff's bands (or the order's own transit) say how long.

    Several may join one pair when their modes differ. reports_loss_after_s: from a loss until the carrier tells it;
    ships: `pieces` (a day's room takes a part of a consignment) or `whole`; refund: share of a freight that is paid
    back when goods leave the lane before its end.
    """

    source: str
    target: str
    time: Law | None
    tariff: Tariff = Tariff()
    capacity_per_day: int | None = None
    co2_g_per_kg: float = 0.0
    mode: str = ""
    reports_loss_after_s: float = 86_400.0
    ships: str = "pieces"
    refund: float = 0.0

    @property
    def pair(self) -> str:
        """The sites it joins: `from>to`."""
        return f"{self.source}>{self.target}"

    @property
    def id(self) -> str:
        """`from>to`, with a mode `from>to:mode`."""
        return f"{self.pair}:{self.mode}" if self.mode else self.pair


@dataclass(frozen=True)
class OrderStreamSpec:
    """Customer orders drawn at random. shares sum to 1; penalty_per `pcs` or `order` (per day).

    weekly: factors of the quantity from Monday to Sunday; monthly: from January to December, both by the network's
    clock when the order is placed (empty: none); trend: growth of the quantity per year of 365.25 days, compounding.
    """

    every: Law
    shares: dict[str, float]
    quantity: Law
    due: Law
    penalty_minor: int = 0
    penalty_per: str = "pcs"
    partial: bool = False
    patience: Law | None = None
    weekly: tuple[float, ...] = ()
    monthly: tuple[float, ...] = ()
    trend: float = 0.0


@dataclass(frozen=True)
class FileOrderSpec:
    """One row of an orders CSV. Times in ms since start; transit_ms -1: the lane's."""

    id: str
    at_ms: int
    item: str
    quantity: int
    due_ms: int
    weight_g: int = 0
    service: str = ""
    carrier: str = ""
    plant: str = ""
    port: str = ""
    transit_ms: int = -1
    penalty_minor: int = 0
    penalty_per: str = "order"


@dataclass(frozen=True)
class CustomerSpec:
    id: str
    served_by: tuple[str, ...] = ()
    stream: OrderStreamSpec | None = None
    orders: tuple[FileOrderSpec, ...] = ()
    at: tuple[float, float] | None = None


@dataclass(frozen=True)
class PersonSpec:
    role: str
    at: str | None = None
    calendar: str | None = None
    responds_in: Law = Law("exponential", (1200.0,))
    approves: float = 1.0


@dataclass(frozen=True)
class NetworkSpec:
    """A whole network file. Tuples keep the file's order. carrying: what owning a piece for a year costs, as a share of
    its standard value."""

    id: str
    currency: str = "EUR"
    timezone: str = "UTC"
    calendars: dict[str, Calendar] = field(default_factory=dict)
    items: tuple[ItemSpec, ...] = ()
    boms: tuple[BomSpec, ...] = ()
    plants: tuple[PlantSpec, ...] = ()
    suppliers: tuple[SupplierSpec, ...] = ()
    warehouses: tuple[WarehouseSpec, ...] = ()
    lanes: tuple[LaneSpec, ...] = ()
    customers: tuple[CustomerSpec, ...] = ()
    systems: dict[str, ChannelProfile] = field(default_factory=dict)
    people: tuple[PersonSpec, ...] = ()
    carrying: float = 0.2

    def lane_named(self, name: str) -> str:
        """The id of the lane that a target names (lane_names). Raises KeyError."""
        return lane_names(lane.id for lane in self.lanes)[name]


def lane_names(ids: Iterable[str]) -> dict[str, str]:
    """Every name of a lane -> its id: the id itself, and `from>to` where one lane only joins the pair."""
    ids = list(ids)
    pairs = Counter(lane.partition(":")[0] for lane in ids)
    short = {lane.partition(":")[0]: lane for lane in ids if pairs[lane.partition(":")[0]] == 1}
    return {**short, **{lane: lane for lane in ids}}


@dataclass(frozen=True)
class AfterSpec:
    """A disruption that another one may set off: `delay` after the start of `id`, with `probability`."""

    id: str
    delay: Law = constant(0.0)
    probability: float = 1.0


@dataclass(frozen=True)
class DisruptionSpec:
    """One row of `disruptions`. at_s since start (None when `after` sets it off); duration None: for ever, or not
    applicable. `extra`: the keys that its kind declares (plants.disruptions), in canonical units, times as `..._s`."""

    id: str
    kind: str
    target: str
    at_s: float | None = 0.0
    duration: Law | None = None
    after: AfterSpec | None = None
    until: str | None = None
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ScenarioSpec:
    """A scenario file, its network resolved. start_local: ISO date-time in the network's time zone."""

    id: str
    network: NetworkSpec
    title: str = ""
    start_local: str = "2026-01-05T00:00"
    horizon_s: float = 0.0
    warmup_s: float = 0.0
    warmup_auto: bool = False
    seed: int = 0
    replications: int = 1
    ways: tuple[str, ...] = ("none",)
    disruptions: tuple[DisruptionSpec, ...] = ()
    policy: Policy = Policy()
    thresholds: dict[str, str] = field(default_factory=dict)
