"""Channels: how what a system has noticed becomes a message that others see, with its delay and its faults.

    truth --(noticed)--> system --[immediate | batch | mail | file; outage; faults]--> message --> bus --> listeners

`immediate` posts after a drawn delay, `batch` and `file` at the next multiple of `every` since the start, `mail` after
a drawn delay that runs in office hours only. While a system is down its messages wait (or are lost, when it keeps
nothing).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor
from typing import TYPE_CHECKING, Any

import msgspec

from plants.definition import PERIODIC, ChannelProfile
from plants.shifts import Shifts
from sim.streams import Draw, Streams
from sync.vocabulary.messages import Body, Message
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from sim.environment import Environment


REORDER_S = 600.0  # a message that is overtaken arrives this much later


@dataclass
class Bus:
    """Where every message passes. Listeners are called in the order in which they joined."""

    env: "Environment"
    listeners: list[Callable[[Message], None]] = field(default_factory=list)
    log: list[tuple[int, Message]] = field(default_factory=list)
    lost: int = 0

    def deliver(self, message: Message) -> None:
        """Hand `message` to everyone, now."""
        self.log.append((ceil_ms(self.env.now), message))
        for listener in self.listeners:
            listener(message)


@dataclass(frozen=True)
class Fault:
    """A `channel` disruption in force: message type ("" all) and what goes wrong."""

    message: str = ""
    delay_s: Draw | None = None
    loses: float = 0.0
    duplicates: float = 0.0
    reorders: float = 0.0
    corrupts: float = 0.0
    wrong_code: float = 0.0
    clock_skew_s: float = 0.0


@dataclass(eq=False)
class Channel:
    """The channel of one system (`source`), with its own random streams and its sequence of messages."""

    env: "Environment"
    source: str
    profile: ChannelProfile
    streams: Streams
    bus: Bus
    office: Shifts
    down: int = 0
    faults: list[Fault] = field(default_factory=list)
    sequence: int = 0
    _kept: list[Message] = field(default_factory=list)
    _draws: dict[str, Draw] = field(default_factory=dict)
    _delay: Draw | None = None
    _last_s: float = 0.0

    def post(self, subject: str, body: Body, happened_s: float | None = None, causation: str = "") -> None:
        """The system has noticed something about `subject`."""
        now, kind = self.env.now, body.message_type
        self.sequence += 1
        message = Message(
            id=f"{self.source}/{self.sequence}",
            source=self.source,
            type=kind,
            subject=subject,
            time_ms=0,
            data=msgspec.to_builtins(body),
            sequence=self.sequence,
            noticed_ms=ceil_ms(now),
            happened_ms=ceil_ms(now if happened_s is None else happened_s),
            causation_id=causation,
        )
        faults = [f for f in self.faults if f.message in ("", kind)]
        if self._happens("loses", self.profile.loses, faults):
            self.bus.lost += 1
            return
        at = self._post_time(now) + sum(f.delay_s() for f in faults if f.delay_s is not None)
        if self._happens("reorders", self.profile.reorders, faults):
            at += REORDER_S
        self.env.call_at(at, lambda: self._publish(message, faults))
        if self._happens("duplicates", self.profile.duplicates, faults):
            self.env.call_at(at, lambda: self._publish(message, faults))

    def _post_time(self, now: float) -> float:
        profile = self.profile
        if profile.posts in PERIODIC:
            return (floor(now / profile.every_s) + 1) * profile.every_s
        if self._delay is None:
            self._delay = self.streams.draw(f"channel/{self.source}/delay", profile.delay)
        delay = self._delay()
        if profile.posts == "mail":
            return self.office.finish(now, delay)
        at = now + delay
        if profile.delay.kind == "constant":
            at = max(at, self._last_s)
            self._last_s = at
        return at

    def _happens(self, name: str, usual: float, faults: list[Fault]) -> bool:
        share = 1.0 - (1.0 - usual) * _product(1.0 - getattr(f, name) for f in faults)
        if share <= 0.0:
            return False
        if name not in self._draws:
            self._draws[name] = self.streams.share(f"channel/{self.source}/{name}")
        return self._draws[name]() < share

    def _publish(self, message: Message, faults: list[Fault]) -> None:
        if self.down:
            if self.profile.keeps_while_down:
                self._kept.append(message)
            else:
                self.bus.lost += 1
            return
        skew = sum(f.clock_skew_s for f in faults)
        data = message.data
        if self._happens("corrupts", 0.0, faults):
            data = {"corrupt": True}
        elif "item" in data and self._happens("wrong_code", 0.0, faults):
            data = {**data, "item": f"{data['item']}-UNKNOWN"}
        self.bus.deliver(_stamped(message, ceil_ms(self.env.now + skew), data))

    def stop(self) -> None:
        """The system is down."""
        self.down += 1

    def restore(self) -> None:
        """The system is back: what it kept goes out at once, in order."""
        self.down -= 1
        if not self.down:
            kept, self._kept = self._kept, []
            for message in kept:
                self._publish(message, [])


def _product(factors: Any) -> float:
    product = 1.0
    for factor in factors:
        product *= factor
    return product


def _stamped(message: Message, time_ms: int, data: dict[str, Any]) -> Message:
    return Message(
        id=message.id,
        source=message.source,
        type=message.type,
        subject=message.subject,
        time_ms=time_ms,
        data=data,
        sequence=message.sequence,
        noticed_ms=message.noticed_ms,
        happened_ms=message.happened_ms,
        correlation_id=message.correlation_id,
        causation_id=message.causation_id,
    )
