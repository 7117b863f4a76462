"""The network as a picture: who supplies whom, how much flowed, and what was disrupted.

Places with coordinates stand where they are on the map when all plants and warehouses have them; otherwise everything
stands in columns from suppliers to customers.

    suppliers > plants > warehouses > customers      lane width = pieces that departed on it
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scenarios.answers.report.markup import Markup, el, svg, text
from scenarios.answers.wording import amount
from scenarios.runs.replication import Columns

if TYPE_CHECKING:
    from plants.definition import NetworkSpec

WIDTH, MARGIN, TOP = 920.0, 96.0, 46.0
KINDS = ("supplier", "plant", "warehouse", "customer")
CROWD = 14  # more places than this in a column are drawn small


@dataclass(frozen=True)
class Place:
    """One node: where it is drawn and what kind it is."""

    id: str
    kind: str
    x: float
    y: float
    small: bool


def flows(ledger: Columns) -> Counter[str]:
    """Pieces that departed on each lane, from the ledger's postings into transit."""
    moved: Counter[str] = Counter()
    for account, quantity in zip(ledger.get("to", ()), ledger.get("quantity", ()), strict=True):
        if account.startswith("transit:") and ">" in account:
            moved[account.removeprefix("transit:")] += quantity
    return moved


def network_picture(
    network: "NetworkSpec", moved: Mapping[str, int], disruptions: Sequence[Mapping[str, Any]]
) -> Markup:
    """The drawing. `moved`: lane -> pieces; what a disruption targets is marked."""
    places = layout(network)
    height = max((p.y for p in places.values()), default=100.0) + 50
    hit = {str(d["target"]) for d in disruptions}
    most = max(moved.values(), default=0)
    lanes = sorted(network.lanes, key=lambda lane: moved.get(lane.id, 0))
    drawn: list[Markup] = [
        _lane(places[lane.source], places[lane.target], moved.get(lane.id, 0), most, _is_hit(lane.id, hit))
        for lane in lanes
        if lane.source in places and lane.target in places
    ]
    drawn += [_node(place, _hits(place.id, hit)) for place in places.values()]
    if not _is_map(network):
        drawn += [text(x, 20, f"{kind}s", "column", "middle") for kind, x in _columns(network).items()]
    return svg(WIDTH, height, f"network {network.id}", drawn, class_="network")


def _is_hit(lane: str, hit: set[str]) -> bool:
    return lane in hit or bool(set(lane.split(">")) & hit)


def _hits(place: str, hit: set[str]) -> list[str]:
    """What of a place was disrupted: itself, or `L1`, `mes` of it."""
    return sorted(
        t.removeprefix(place).lstrip(".") or "all of it" for t in hit if t == place or t.startswith(place + ".")
    )


def members(network: "NetworkSpec") -> dict[str, list[Any]]:
    """kind -> the places of that kind, in the file's order, kinds without any left out."""
    found = dict(zip(KINDS, (network.suppliers, network.plants, network.warehouses, network.customers), strict=True))
    return {kind: list(of) for kind, of in found.items() if of}


def _columns(network: "NetworkSpec") -> dict[str, float]:
    kinds = list(members(network))
    step = (WIDTH - 2 * MARGIN) / max(1, len(kinds) - 1)
    return {kind: MARGIN + n * step if len(kinds) > 1 else WIDTH / 2 for n, kind in enumerate(kinds)}


def _is_map(network: "NetworkSpec") -> bool:
    sites: list[Any] = [*network.plants, *network.warehouses]
    return len(sites) > 1 and all(s.at for s in sites) and len({s.at for s in sites}) > 1


def layout(network: "NetworkSpec") -> dict[str, Place]:
    """Every place with its position: columns ordered so that connected places lie at similar heights."""
    of_kind, columns = members(network), _columns(network)
    tallest = max((len(of) for of in of_kind.values()), default=1)
    height = max(240.0, min(620.0, tallest * (58.0 if tallest <= CROWD else 17.0)))
    ranks = _ranks(network, {kind: [p.id for p in of] for kind, of in of_kind.items()})
    places = {}
    for kind, of in of_kind.items():
        for n, name in enumerate(ranks[kind]):
            y = TOP + height * (n + 0.5) / len(of)
            places[name] = Place(name, kind, columns[kind], y, len(of) > CROWD)
    return _on_map(network, places, height) if _is_map(network) else places


def _ranks(network: "NetworkSpec", columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Two sweeps of the barycentre rule: a place moves to the mean height of its neighbours; ties keep their order."""
    linked: dict[str, list[str]] = {}
    for lane in network.lanes:
        linked.setdefault(lane.source, []).append(lane.target)
        linked.setdefault(lane.target, []).append(lane.source)
    for order in (list(columns), list(reversed(columns))):
        for kind in order:
            height = {n: (i + 0.5) / len(of) for k, of in columns.items() for i, n in enumerate(of) if k != kind}
            mean = {}
            for i, name in enumerate(columns[kind]):
                near = [height[o] for o in linked.get(name, ()) if o in height]
                mean[name] = sum(near) / len(near) if near else (i + 0.5) / len(columns[kind])
            columns[kind] = sorted(columns[kind], key=lambda n: round(mean[n], 6))
    return columns


def _on_map(network: "NetworkSpec", places: dict[str, Place], height: float) -> dict[str, Place]:
    """Places with coordinates in the middle of the picture; the others stay in their columns at its edges."""
    located = {p.id: p.at for of in members(network).values() for p in of if getattr(p, "at", None)}
    lats, lons = [at[0] for at in located.values()], [at[1] for at in located.values()]
    span = max(max(lats) - min(lats), (max(lons) - min(lons)) * 0.7) or 1.0
    inner = WIDTH - 4 * MARGIN
    for name, (lat, lon) in located.items():
        x = 2 * MARGIN + (lon - min(lons)) * 0.7 / span * inner
        y = TOP + (max(lats) - lat) / span * height
        places[name] = Place(name, places[name].kind, x, y, places[name].small)
    return places


def _lane(a: Place, b: Place, pieces: int, most: int, hit: bool) -> Markup:
    """A curve from a to b; lanes within one column bow out to the side."""
    bow = 60.0 if abs(a.x - b.x) < 1 else 0.0
    side = 1 if a.y < b.y else -1
    middle = (a.x + b.x) / 2 + bow * side
    path = f"M{a.x:.0f},{a.y:.0f} C{middle:.0f},{a.y:.0f} {middle:.0f},{b.y:.0f} {b.x:.0f},{b.y:.0f}"
    width = 0.8 + 9.0 * pieces / most if most and pieces else 0.8
    kind = "lane" + (" hit" if hit else "") + ("" if pieces else " unused")
    return el("path", el("title", f"{a.id} > {b.id}: {amount(pieces)} pieces"), d=path, class_=kind,
              stroke_width=width)  # fmt: skip


def _node(place: Place, hits: list[str]) -> Markup:
    size = 5.0 if place.small else 11.0
    shape = {
        "plant": el("rect", x=place.x - size, y=place.y - size, width=2 * size, height=2 * size, rx=3),
        "warehouse": el("path", d=_house(place.x, place.y, size)),
    }.get(place.kind, el("circle", cx=place.x, cy=place.y, r=size * (0.9 if place.kind == "customer" else 0.7)))
    label = text(place.x, place.y + size + (10 if place.small else 15), place.id, "tiny" if place.small else "name",
                 "middle")  # fmt: skip
    if place.small:
        first = place.x <= MARGIN  # the lanes leave to the right
        label = text(
            place.x + (-size - 5 if first else size + 5), place.y + 3, place.id, "tiny", "end" if first else "start"
        )
    mark = [
        el("circle", cx=place.x, cy=place.y, r=size + 7, class_="halo"),
        text(place.x + size + 10, place.y - 8, f"{', '.join(hits)} disrupted", "bad"),
    ] if hits else []  # fmt: skip
    return el("g", mark, shape, label, class_=f"place {place.kind}")


def _house(x: float, y: float, size: float) -> str:
    return f"M{x - size},{y + size} V{y - size * 0.3} L{x},{y - size * 1.1} L{x + size},{y - size * 0.3} V{y + size} Z"
