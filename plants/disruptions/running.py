"""Disruptions: when they begin, how they end, and which of them set off others.

    at / after other --> begin (its kind) --> for / until other --> end

What a disruption does is the business of its kind (see kind.py); here is its time. The systems notice through their own
channels. Within one instant what ends comes before what begins, and what begins does so in the order of the file,
whether it was planned by `at` or set off by `after`. Lanes, docks and suppliers open and close before everything else
of the instant: nothing is loaded any more. What reaches its end at that instant (a transit, a piece, a delivery that
is ready) has reached it.
"""

from dataclasses import dataclass, field

from plants.definition import DisruptionSpec
from plants.disruptions.kinds import KINDS
from plants.disruptions.undo import Undo
from plants.disruptions.world import World
from sim.environment import NORMAL, URGENT
from sim.ranks import BEGINS, ENDS
from sync.vocabulary.quantities import ceil_ms

WAYS = ("lane", "site", "supplier")
PLACE_BITS = 40


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

    world: World
    happened: dict[str, Happened] = field(default_factory=dict)  # as they began; at one instant as the file has them
    _followers: dict[str, list[DisruptionSpec]] = field(default_factory=dict)
    _until: dict[str, list[str]] = field(default_factory=dict)
    _undo: dict[str, Undo | None] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)  # in the file

    def __post_init__(self) -> None:
        self.world.over = self.end

    def plan(self, disruptions: tuple[DisruptionSpec, ...]) -> None:
        """Put every disruption on the clock. Durations are drawn per id, so each way of working meets the same."""
        self._places = {d.id: n for n, d in enumerate(disruptions)}
        for d in disruptions:
            if d.after is not None:
                self._followers.setdefault(d.after.id, []).append(d)
            elif d.at_s is not None:
                self._at(d.at_s, d)

    def _at(self, at_s: float, d: DisruptionSpec) -> None:
        priority = URGENT if at_s == 0.0 else self._priority(d)
        rank = BEGINS + (self._place(d.id) << PLACE_BITS)
        self.world.network.env.call_at(at_s, lambda: self.begin(d), priority, rank)

    def _place(self, disruption: str) -> int:
        """Its place in the file; what is injected comes after all of that."""
        return self._places.get(disruption, len(self._places))

    def _priority(self, d: DisruptionSpec) -> int:
        """Ways are shut before a machine of the same instant is done; lines stand after it."""
        harms = KINDS[d.kind].harms(self.world.network.spec, d)
        return URGENT if harms and all(harm.what in WAYS for harm in harms) else NORMAL

    def begin(self, d: DisruptionSpec) -> None:
        """Do the harm now, and plan its end."""
        env, streams = self.world.network.env, self.world.network.streams
        until = self.happened.get(d.until or "")
        if until is not None and until.to_ms >= 0:
            return  # what it was to last until is over already
        kind = KINDS[d.kind]
        duration = streams.draw(f"disruption/{d.id}/for", d.duration)() if d.duration else None
        expected = d.duration.mean if d.duration else None
        self.happened[d.id] = Happened(d.id, d.kind, d.target, ceil_ms(env.now), title=kind.title(d))
        self.happened = dict(sorted(self.happened.items(), key=lambda it: (it[1].from_ms, self._place(it[0]))))
        self._undo[d.id] = kind.begin(self.world, d, expected, duration)
        if d.until is not None:
            self._until.setdefault(d.until, []).append(d.id)
        elif duration is not None:
            env.call_in(duration, lambda: self.end(d.id), self._priority(d), ENDS)
        for follower in self._followers.get(d.id, []):
            self._set_off(follower)

    def _set_off(self, d: DisruptionSpec) -> None:
        if d.after is None:
            return
        streams, env = self.world.network.streams, self.world.network.env
        if streams.share(f"disruption/{d.id}/happens")() >= d.after.probability:
            return
        delay = streams.draw(f"disruption/{d.id}/after", d.after.delay)()
        if delay > 0:
            self._at(env.now + delay, d)
        else:  # at once, as two rows with the same `at`: nothing comes between them
            self.begin(d)

    def end(self, disruption_id: str) -> None:
        """Undo the harm, and that of everything that lasts `until` this one ends."""
        undo = self._undo.pop(disruption_id, None)
        if undo is not None:
            undo()
        self.happened[disruption_id].to_ms = ceil_ms(self.world.network.env.now)
        for other in self._until.pop(disruption_id, []):
            self.end(other)
