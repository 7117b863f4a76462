"""Disruptions: typed things that go wrong, when they begin, how they end, and which of them set off others.

    at / after other --> begin (KINDS[kind]) --> for / until other --> end

A kind is one function that does the harm and returns how to undo it (None when it cannot be undone). `plant-down`
stops the lines, its docks stay open; `site-closed` closes the docks and every lane that touches the site; `machine-
down` stops its line where the machine stands alone. The systems notice through their own channels; the estimate they
pass on is the mean of the disruption's duration, which is what maintenance would say.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from plants.definition import DisruptionSpec
from plants.floor.line import Line
from plants.network.lane import Lane
from plants.network.network import Network
from plants.systems.channel import Channel, Fault
from plants.systems.mes import Mes
from plants.systems.qms import Qms
from plants.systems.tms import Tms
from sim.streams import Law
from sync.vocabulary.quantities import ceil_ms

Undo = Callable[[], None]


@dataclass
class Happened:
    """What really happened: for reports. to_ms -1: not over."""

    id: str
    kind: str
    target: str
    from_ms: int
    to_ms: int = -1
    title: str = ""


@dataclass(eq=False)
class Disruptions:
    """Runs the disruptions of a scenario, and those injected while it runs."""

    network: Network
    channels: dict[str, Channel]
    mes: dict[str, Mes]
    qms: dict[str, Qms]
    tms: Tms
    happened: dict[str, Happened] = field(default_factory=dict)
    _followers: dict[str, list[DisruptionSpec]] = field(default_factory=dict)
    _until: dict[str, list[str]] = field(default_factory=dict)
    _undo: dict[str, Undo | None] = field(default_factory=dict)

    def plan(self, disruptions: tuple[DisruptionSpec, ...]) -> None:
        """Put every disruption on the clock. Durations are drawn per id, so each way of working meets the same."""
        for d in disruptions:
            if d.after is not None:
                self._followers.setdefault(d.after.id, []).append(d)
            elif d.at_s is not None:
                self._at(d.at_s, d)

    def _at(self, at_s: float, d: DisruptionSpec) -> None:
        self.network.env.call_at(at_s, lambda: self.begin(d), priority=0 if at_s == 0.0 else 1)

    def begin(self, d: DisruptionSpec) -> None:
        """Do the harm now, and plan its end."""
        env, streams = self.network.env, self.network.streams
        until = self.happened.get(d.until or "")
        if until is not None and until.to_ms >= 0:
            return  # what it was to last until is over already
        duration = streams.draw(f"disruption/{d.id}/for", d.duration)() if d.duration else None
        expected = d.duration.mean if d.duration else None
        self.happened[d.id] = Happened(d.id, d.kind, d.target, ceil_ms(env.now), title=_title(d))
        self._undo[d.id] = KINDS[d.kind](self, d, expected, duration)
        if d.until is not None:
            self._until.setdefault(d.until, []).append(d.id)
        elif duration is not None:
            env.call_in(duration, lambda: self.end(d.id))
        for follower in self._followers.get(d.id, []):
            self._set_off(follower)

    def _set_off(self, d: DisruptionSpec) -> None:
        if d.after is None:
            return
        streams, env = self.network.streams, self.network.env
        if streams.share(f"disruption/{d.id}/happens")() < d.after.probability:
            self._at(env.now + streams.draw(f"disruption/{d.id}/after", d.after.delay)(), d)

    def end(self, disruption_id: str) -> None:
        """Undo the harm, and that of everything that lasts `until` this one ends."""
        undo = self._undo.pop(disruption_id, None)
        if undo is not None:
            undo()
        self.happened[disruption_id].to_ms = ceil_ms(self.network.env.now)
        for other in self._until.pop(disruption_id, []):
            self.end(other)

    # --- helpers -------------------------------------------------------------------------------------------------
    def draw(self, d: DisruptionSpec, key: str, default: float = 0.0) -> float:
        """One draw of the duration law in `extra[key]`."""
        law = d.extra.get(key)
        if not isinstance(law, Law):
            return float(law) if isinstance(law, int | float) else default
        return self.network.streams.draw(f"disruption/{d.id}/{key}", law)()

    def lines_of(self, target: str) -> list[Line]:
        """The lines of a plant, or the one line (of the machine) named."""
        line = ".".join(target.split(".")[:2])
        return [found for found in self.network.lines.values() if found.id == line or found.shop.id == target]

    def stop_line(self, line: Line, reason: str, expected: float | None) -> Undo:
        """Halt a line and have its MES say so; undone it runs, and MES says that."""
        mes, now = self.mes[line.shop.id], self.network.env.now
        line.halt(reason)
        mes.stopped(line.id, reason, now, expected)

        def undo() -> None:
            line.lift(reason)
            mes.resumed(line.id, reason)

        return undo

    def slow_line(self, line: Line, factor: float, expected: float | None) -> Undo:
        """Slow a line (factors multiply)."""
        mes = self.mes[line.shop.id]
        line.set_factor(line.factor * factor)
        mes.slowed(line.id, line.factor, self.network.env.now, expected)

        def undo() -> None:
            line.set_factor(line.factor / factor)
            mes.slowed(line.id, line.factor, self.network.env.now, None)

        return undo

    def close_lane(
        self, lane: Lane, expected: float | None, goods: str = "hold", detour: list[Lane] | None = None
    ) -> Undo:
        """Close a lane and have the carrier say so."""
        lane.close(goods, detour)
        self.tms.closed(lane.id, self.network.env.now, expected)

        def undo() -> None:
            lane.open()
            if not lane.closed:
                self.tms.opened(lane.id)

        return undo


def _title(d: DisruptionSpec) -> str:
    words = {k: v for k, v in d.extra.items() if isinstance(v, int | float | str)}
    tail = f" ({', '.join(f'{k} {v}' for k, v in words.items())})" if words else ""
    return f"{d.kind} {d.target}{tail}"


def _all(undos: list[Undo]) -> Undo:
    def undo() -> None:
        for one in undos:
            one()

    return undo


# --- the kinds: (world, disruption, expected s, drawn s) -> undo ------------------------------------------------
def _lines_down(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    return _all([w.stop_line(line, d.id, expected) for line in w.lines_of(d.target)])


def _lines_slow(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    return _all([w.slow_line(line, float(d.extra["factor"]), expected) for line in w.lines_of(d.target)])  # type: ignore[arg-type]


def _absence(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    """At a plant or line the work slows; of a crew that many are missing."""
    share = float(d.extra["share"])  # type: ignore[arg-type]
    plant, *crew = d.target.split(".", 1)
    present = w.network.crews.get(plant, {}).get(crew[0]) if crew else None
    if present is not None:
        absent = [present.people.request() for _ in range(ceil(share * present.people.capacity))]

        def back() -> None:
            for one in absent:
                if one.triggered:
                    present.people.release(one)
                else:
                    one.cancel()

        return back
    if share >= 1.0:
        return _lines_down(w, d, expected, None)
    return _all([w.slow_line(line, 1.0 - share, expected) for line in w.lines_of(d.target)])


def _machine_down(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    line = w.lines_of(d.target)[0]
    name = d.target.split(".")[2]
    mes, alone = w.mes[line.shop.id], line.units_of(name) == 1
    if alone:  # reported first: then MES does not derive the same stop from the breakdown
        mes.stopped(line.id, d.id, w.network.env.now, expected)
    line.stop_machine(name)

    def undo() -> None:
        line.mend_machine(name)
        if alone:
            mes.resumed(line.id, d.id)

    return undo


def _site_closed(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    net = w.network
    site = net.sites.get(d.target)
    touching = [lane for lane in net.lanes.values() if d.target in (lane.spec.source, lane.spec.target)]
    undos = [w.close_lane(lane, expected) for lane in touching]
    if site is not None:
        site.close()
        undos.append(site.open)
    return _all(undos)


def _lane_closed(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    lane, via = w.network.lanes[d.target], str(d.extra.get("via", ""))
    detour = w.network.detour(via, lane.spec.target) if via else None
    return w.close_lane(lane, expected, str(d.extra.get("goods", "hold")), detour)


def _lane_slow(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    lane, factor = w.network.lanes[d.target], float(d.extra["factor"])  # type: ignore[arg-type]
    lane.factor *= factor
    w.tms.slowed(lane.id, lane.factor, w.network.env.now, expected)

    def undo() -> None:
        lane.factor /= factor
        w.tms.slowed(lane.id, lane.factor, w.network.env.now, None)

    return undo


def _supplier_down(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    supplier = w.network.suppliers[d.target]
    supplier.stop()
    return supplier.resume


def _supplier_late(w: Disruptions, d: DisruptionSpec, expected: float | None, seconds: float | None) -> None:
    now = w.network.env.now
    supplier = w.network.suppliers[d.target]
    items = [str(d.extra["item"])] if d.extra.get("item") else list(supplier.spec.items)
    by = w.draw(d, "by_s")
    for item in items:
        supplier.delay(item, now, now + (seconds if seconds is not None else float("inf")), by)


def _demand_change(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    customer = w.network.customers[d.target]
    change = (str(d.extra.get("item") or ""), float(d.extra["factor"]))  # type: ignore[arg-type]
    customer.changes.append(change)
    return lambda: customer.changes.remove(change)


def _quality_hold(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> None:
    """Holds the newest lots (all stock when `lots` is left out) of an item at a site, until quality has decided."""
    net = w.network
    site, item = net.sites[d.target.split(".")[0]], str(d.extra["item"])
    plant = net.plants.get(site.id)
    line = plant.line_for(item) if plant is not None else None
    lot = line.makes[item].lot if line is not None else 1
    lots = d.extra.get("lots")
    wanted = int(lots) * lot if isinstance(lots, int) else site.on_hand.get(item, 0)
    pieces = site.hold(item, wanted, d.id)
    qms = w.qms[site.id]
    if not pieces:
        return
    qms.held(item, pieces, d.id)
    disposition = str(d.extra.get("disposition") or "release")
    ends_as = "scrap" if disposition == "scrap" else "release"

    def decide() -> None:
        site.dispose(item, pieces, ends_as, d.id)
        qms.disposed(item, pieces, d.id, ends_as)
        w.end(d.id)

    net.env.call_in(w.draw(d, "decided_after_s", 86_400.0), decide)


def _stock_loss(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> None:
    site = w.network.sites[d.target]
    items = [str(d.extra["item"])] if d.extra.get("item") else list(site.on_hand)
    for item in items:
        site.lose(item, round(site.on_hand.get(item, 0) * float(d.extra["share"])), d.id)  # type: ignore[arg-type]


def _system_down(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    channel = w.channels[d.target]
    channel.stop()
    return channel.restore


def _channel(w: Disruptions, d: DisruptionSpec, expected: float | None, _: float | None) -> Undo:
    extra: dict[str, Any] = d.extra
    fault = Fault(message=str(extra.get("message") or ""))
    for name in ("loses", "duplicates", "reorders", "corrupts", "wrong_code", "clock_skew_s"):
        setattr(fault, name, float(extra.get(name) or 0.0))
    if isinstance(extra.get("delay_s"), Law):
        fault.delay = w.network.streams.draw(f"disruption/{d.id}/delay", extra["delay_s"])
    channel = w.channels[d.target]
    channel.faults.append(fault)
    return lambda: channel.faults.remove(fault)


KINDS: dict[str, Callable[[Disruptions, DisruptionSpec, float | None, float | None], Undo | None]] = {
    "plant-down": _lines_down,
    "line-down": _lines_down,
    "machine-down": _machine_down,
    "site-closed": _site_closed,
    "supplier-down": _supplier_down,
    "plant-slow": _lines_slow,
    "line-slow": _lines_slow,
    "lane-slow": _lane_slow,
    "lane-closed": _lane_closed,
    "supplier-late": _supplier_late,
    "demand-change": _demand_change,
    "quality-hold": _quality_hold,
    "labour-absence": _absence,
    "stock-loss": _stock_loss,
    "system-down": _system_down,
    "channel": _channel,
}
