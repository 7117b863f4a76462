"""The network as a picture: who supplies whom, how much flowed, how much lay where, and what was disrupted.

Places with coordinates stand where they are on the map when all plants and warehouses have them, pushed apart where
they would hide each other; one without stands beside who it deals with, with a dashed ring around it.
Otherwise everything stands in columns from suppliers to customers.

    suppliers > plants > warehouses > customers      lane width = pieces that departed on it
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, radians
from typing import TYPE_CHECKING, Any

from scenarios.answers.report.labels import Asked, Box, Placed, apart, placed
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
    """One node: where it is drawn and what kind it is. located: False for one that a map has no coordinates of."""

    id: str
    kind: str
    x: float
    y: float
    small: bool
    located: bool = True

    @property
    def size(self) -> float:
        return 5.0 if self.small else 11.0


def flows(ledger: Columns) -> Counter[str]:
    """Pieces that departed on each lane, from the ledger's postings into transit."""
    moved: Counter[str] = Counter()
    for account, quantity in zip(ledger.get("to", ()), ledger.get("quantity", ()), strict=True):
        if account.startswith("transit:") and ">" in account:
            moved[account.removeprefix("transit:")] += quantity
    return moved


def network_picture(
    network: "NetworkSpec",
    moved: Mapping[str, int],
    disruptions: Sequence[Mapping[str, Any]],
    lying: Mapping[str, float] | None = None,
) -> Markup:
    """The drawing. `moved`: lane -> pieces; `lying`: plant, warehouse or lane -> pieces there on average; what a
    disruption targets is marked."""
    lying = lying or {}
    places = layout(network)
    height = max((p.y for p in places.values()), default=100.0) + 60
    hit = {str(d["target"]) for d in disruptions}
    most = max(moved.values(), default=0)
    lanes = sorted(network.lanes, key=lambda lane: moved.get(lane.id, 0))
    drawn: list[Markup] = [
        _lane(
            places[lane.source],
            places[lane.target],
            (lane.id, moved.get(lane.id, 0), most),
            _is_hit(lane.id, hit),
            lying,
        )
        for lane in lanes
        if lane.source in places and lane.target in places
    ]
    columns = {} if _is_map(network) else _columns(network)
    heads = [Box(x - 50, 6, x + 50, 26) for x in columns.values()]
    labels = placed([_asked(p, hit, lying) for p in places.values()], WIDTH, height, heads)
    drawn += [_leader(label) for label in labels if label.led]
    drawn += [_node(place, _hits(place.id, hit)) for place in places.values()]
    drawn += [_label(label, place) for label, place in zip(labels, places.values(), strict=True)]
    drawn += [text(x, 20, f"{kind}s", "column", "middle") for kind, x in columns.items()]
    return svg(WIDTH, height, f"network {network.id}", drawn, class_="network")


def _asked(place: Place, hit: set[str], lying: Mapping[str, float]) -> Asked:
    """The label of a place: its name, what lies there, what was disrupted."""
    hits = _hits(place.id, hit)
    there = [f"{amount(lying[place.id])} pcs"] if place.id in lying and not place.small else []
    said = [f"{', '.join(hits)} disrupted"] if hits else []
    reach = place.size + (7 if hits else 0)
    return Asked(place.x, place.y, reach, (place.id, *there, *said), 9.0 if place.small else 12.0)


def _label(label: Placed, place: Place) -> Markup:
    words = zip(label.asked.lines, label.bases, strict=True)
    drawn = []
    for n, (line, y) in enumerate(words):
        kind = ("tiny" if place.small else "name") if n == 0 else "bad" if line.endswith("disrupted") else "tick"
        drawn.append(text(label.middle, y, line, kind, "middle"))
    return el("g", drawn, class_="said")


def _leader(label: Placed) -> Markup:
    """A line from a point to its label, where that stands away from it."""
    box, one = label.box, label.asked
    x = min(max(one.x, box.left), box.right)
    y = min(max(one.y, box.top), box.bottom)
    return el("line", x1=one.x, y1=one.y, x2=x, y2=y, class_="leader")


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
    """Everything on the map: what has coordinates where they are, a degree of longitude shortened as at the middle
    latitude; the others beside who they deal with."""
    located = {p.id: p.at for of in members(network).values() for p in of if getattr(p, "at", None)}
    lats, lons = [at[0] for at in located.values()], [at[1] for at in located.values()]
    narrow = max(0.2, cos(radians((max(lats) + min(lats)) / 2)))
    wide, tall = (max(lons) - min(lons)) * narrow, max(lats) - min(lats)
    inner = WIDTH - 2 * MARGIN
    scale = min(inner / wide if wide else inner, height / tall if tall else height)
    found = {}
    for name, (lat, lon) in located.items():
        x = WIDTH / 2 + ((lon - min(lons)) * narrow - wide / 2) * scale
        y = TOP + (max(lats) - lat) * scale + (height - tall * scale) / 2
        found[name] = replace(places[name], x=x, y=y)
    beside: Counter[str] = Counter()
    for name, place in places.items():
        if name not in found:
            near = _dealt_with(network, name, located)
            n = beside[near] = beside[near] + 1
            home = found.get(near)
            side = -1 if place.kind == "supplier" else 1
            x, y = (home.x + 44 * side, home.y + 24 * (n - 1)) if home else (WIDTH / 2, TOP + height)
            found[name] = replace(place, x=x, y=y, located=False)
    least = 17.0 if any(p.small for p in places.values()) else 34.0
    spots = [(p.x - MARGIN / 2, p.y - TOP / 2) for p in (found[name] for name in places)]
    moved = apart(spots, least, WIDTH - MARGIN, height + TOP)
    return {
        name: replace(found[name], x=x + MARGIN / 2, y=y + TOP / 2) for name, (x, y) in zip(places, moved, strict=True)
    }


def _dealt_with(network: "NetworkSpec", name: str, located: Mapping[str, Any]) -> str:
    """The located place that serves a customer first, or that a lane joins a place with; "" when there is none."""
    served = [site for c in network.customers if c.id == name for site in c.served_by]
    joined = [x.source if x.target == name else x.target for x in network.lanes if name in (x.source, x.target)]
    return next((site for site in [*served, *joined] if site in located), "")


def _lane(a: Place, b: Place, flow: tuple[str, int, int], hit: bool, lying: Mapping[str, float]) -> Markup:
    """A curve from a to b; lanes within one column bow out to the side. flow: the lane, its pieces, the most of any."""
    lane, pieces, most = flow
    bow = 60.0 if abs(a.x - b.x) < 1 else 0.0
    side = 1 if a.y < b.y else -1
    middle = (a.x + b.x) / 2 + bow * side
    path = f"M{a.x:.0f},{a.y:.0f} C{middle:.0f},{a.y:.0f} {middle:.0f},{b.y:.0f} {b.x:.0f},{b.y:.0f}"
    width = 0.8 + 9.0 * pieces / most if most and pieces else 0.8
    kind = "lane" + (" hit" if hit else "") + ("" if pieces else " unused")
    there = f", {amount(lying[lane])} under way on average" if lane in lying else ""
    return el("path", el("title", f"{lane}: {amount(pieces)} pieces{there}"), d=path, class_=kind,
              stroke_width=width)  # fmt: skip


def _node(place: Place, hits: list[str]) -> Markup:
    size = place.size
    shape = {
        "plant": el("rect", x=place.x - size, y=place.y - size, width=2 * size, height=2 * size, rx=3),
        "warehouse": el("path", d=_house(place.x, place.y, size)),
    }.get(place.kind, el("circle", cx=place.x, cy=place.y, r=size * (0.9 if place.kind == "customer" else 0.7)))
    ring = None if place.located else el("circle", cx=place.x, cy=place.y, r=size + 3, class_="nowhere")
    halo = el("circle", cx=place.x, cy=place.y, r=size + 7, class_="halo") if hits else None
    where = "" if place.located else " (not located)"
    return el("g", el("title", f"{place.kind} {place.id}{where}"), halo, ring, shape, class_=f"place {place.kind}")


def _house(x: float, y: float, size: float) -> str:
    return f"M{x - size},{y + size} V{y - size * 0.3} L{x},{y - size * 1.1} L{x + size},{y - size * 0.3} V{y + size} Z"
