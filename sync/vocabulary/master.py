"""Master data: what the engine is told about the network before anything happens (ERP and PLM own it).

Static, canonical item ids, integers only. `code_of` is the mapping from a site's own item codes.
"""

import msgspec

from sync.vocabulary.tariff import Tariff


class MakeData(msgspec.Struct, frozen=True):
    """A line can make `item`. piece_ms_x1000: planned thousandths of a millisecond of open line time per piece (or
    per order when the line counts orders), planned downtime and yield included. prefer: see planning.choice."""

    item: str
    lot: int
    setup_ms: int
    piece_ms_x1000: int
    prefer: int = 0


class LineData(msgspec.Struct, frozen=True):
    """open_ms: the line's working windows over horizon + 30 d, sorted, disjoint. counts: `pcs` or `orders`."""

    id: str
    site: str
    makes: tuple[MakeData, ...]
    open_ms: tuple[tuple[int, int], ...]
    counts: str = "pcs"


class SiteData(msgspec.Struct, frozen=True):
    """A plant or a warehouse. serves: the only customers it may deliver to (None: all). reorder: item -> the
    position at which its rule orders."""

    id: str
    kind: str
    handling_micro: int = 0
    serves: tuple[str, ...] | None = None
    stock: dict[str, int] = {}
    reorder: dict[str, int] = {}
    sources: dict[str, tuple[str, ...]] = {}
    codes: dict[str, str] = {}


class LaneData(msgspec.Struct, frozen=True):
    """id `source>target`. time_ms: mean transit (-1 with a rates table: the band's). capacity: pieces per day (-1:
    none)."""

    id: str
    source: str
    target: str
    time_ms: int
    tariff: Tariff
    capacity: int = -1


class CustomerData(msgspec.Struct, frozen=True):
    id: str
    served_by: tuple[str, ...] = ()
    penalty_minor: int = 0
    penalty_per: str = "pcs"


class BomData(msgspec.Struct, frozen=True):
    """needs: component -> pieces; plant "" = all plants."""

    item: str
    needs: dict[str, int]
    plant: str = ""


class MasterData(msgspec.Struct, frozen=True):
    """The whole of it, in file order."""

    network: str
    currency: str
    horizon_ms: int
    items: dict[str, int]  # item -> value in minor units
    sites: tuple[SiteData, ...]
    lines: tuple[LineData, ...]
    lanes: tuple[LaneData, ...]
    customers: tuple[CustomerData, ...]
    boms: tuple[BomData, ...] = ()
    suppliers: tuple[str, ...] = ()
