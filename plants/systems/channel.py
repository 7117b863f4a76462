"""Channels: how what a system has noticed becomes a message that others see, with its delay and its faults.

    truth --(noticed)--> system --[immediate | batch | mail | file; outage; faults]--> message --> bus --> listeners

`immediate` posts after a drawn delay, `batch` and `file` at the next multiple of `every` since the start, `mail` after
a drawn delay that runs in office hours only. While a system is down its messages wait (or are lost, when it keeps
nothing).

Every draw is keyed by its cause (what the message is, what it is about, and the how-manieth of those it is), so one
message more changes the fate of no other; and nothing is drawn, or counted, where nothing can go wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor
from typing import TYPE_CHECKING, Any

import msgspec

from plants.definition import PERIODIC, ChannelProfile
from plants.shifts import Shifts
from sim.streams import Keyed, Occurrences, Streams
from sync.vocabulary.messages import Body, Message
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from sim.environment import Environment


REORDER_S = 600.0  # a message that is overtaken arrives this much later


LOST, UNREADABLE, UNKNOWN_CODE = "lost", "unreadable", "unknown-code"  # what may become of a message; "" it is read


class Mishap(msgspec.Struct, frozen=True):
    """A message that did not arrive, or not as it was meant. fate: LOST, UNREADABLE or UNKNOWN_CODE."""

    time_ms: int
    id: str
    source: str
    type: str
    subject: str
    sequence: int
    noticed_ms: int
    fate: str


@dataclass
class Bus:
    """Where every message passes. Listeners are called in the order in which they joined."""

    env: "Environment"
    listeners: list[Callable[[Message], None]] = field(default_factory=list)
    log: list[tuple[int, Message]] = field(default_factory=list)
    mishaps: list[Mishap] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """How many messages systems lost."""
        return sum(1 for mishap in self.mishaps if mishap.fate == LOST)

    def deliver(self, message: Message) -> None:
        """Hand `message` to everyone, now."""
        self.log.append((ceil_ms(self.env.now), message))
        for listener in self.listeners:
            listener(message)

    def note(self, message: Message, fate: str) -> None:
        """Something went wrong with `message`, now."""
        m = message
        now = ceil_ms(self.env.now)
        self.mishaps.append(Mishap(now, m.id, m.source, m.type, m.subject, m.sequence, m.noticed_ms, fate))


@dataclass(frozen=True)
class Fault:
    """A `channel` disruption in force: message type ("" all) and what goes wrong. delay_s: cause -> seconds."""

    message: str = ""
    delay_s: Keyed | None = None
    loses: float = 0.0
    duplicates: float = 0.0
    reorders: float = 0.0
    corrupts: float = 0.0
    wrong_code: float = 0.0
    clock_skew_s: float = 0.0


NO_FAULTS: tuple[Fault, ...] = ()


@dataclass(eq=False)
class Channel:
    """The channel of one system (`source`), with its own random streams and its sequence of messages. cause_of: what
    draws about a subject are keyed by."""

    env: "Environment"
    source: str
    profile: ChannelProfile
    streams: Streams
    bus: Bus
    office: Shifts
    cause_of: Callable[[str], str] = str
    down: int = 0
    faults: list[Fault] = field(default_factory=list)
    sequence: int = 0
    _kept: list[tuple[Message, tuple[Fault, ...], str]] = field(default_factory=list)
    _causes: Occurrences = field(default_factory=Occurrences)
    _draws: dict[str, Keyed] = field(default_factory=dict)
    _delay: Keyed | None = None
    _last_s: float = 0.0

    def __post_init__(self) -> None:
        self.use(self.profile)

    def use(self, profile: ChannelProfile) -> None:
        """Post as `profile` says from now on."""
        self.profile = p = profile
        self._periodic, self._is_constant = p.posts in PERIODIC, p.delay.kind == "constant"
        self._is_random = not (self._periodic or self._is_constant)
        self._is_flawless = not (p.loses or p.duplicates or p.reorders)

    def post(self, subject: str, body: Body, happened_s: float | None = None, causation: str = "") -> None:
        """The system has noticed something about `subject`."""
        now, kind = self.env.now, body.message_type
        self.sequence += 1
        noticed_ms = ceil_ms(now)
        flawless, cause, at = self._is_flawless and not self.faults, "", now
        if flawless:
            cause = self._cause(kind, subject) if self._is_random else ""
            at = self._post_time(now, cause)
        message = Message(
            id=f"{self.source}/{self.sequence}",
            source=self.source,
            type=kind,
            subject=subject,
            time_ms=ceil_ms(at),  # as far as can be foreseen: see `_publish`
            data=msgspec.to_builtins(body),
            sequence=self.sequence,
            noticed_ms=noticed_ms,
            happened_ms=noticed_ms if happened_s is None else ceil_ms(happened_s),
            causation_id=causation,
        )
        if flawless:
            self.env.call_at(at, lambda: self._publish(message, NO_FAULTS, cause))
        else:
            self._post_flawed(message, now)

    def _post_flawed(self, message: Message, now: float) -> None:
        """Post where something may go wrong."""
        faults = tuple(f for f in self.faults if f.message in ("", message.type))
        cause, profile = self._cause(message.type, message.subject), self.profile
        if self._happens("loses", cause, profile.loses, faults):
            self.bus.note(message, LOST)
            return
        at = self._post_time(now, cause) + sum(f.delay_s(cause) for f in faults if f.delay_s is not None)
        if self._happens("reorders", cause, profile.reorders, faults):
            at += REORDER_S
        self.env.call_at(at, lambda: self._publish(message, faults, cause))
        if self._happens("duplicates", cause, profile.duplicates, faults):
            self.env.call_at(at, lambda: self._publish(message, faults, f"{cause}/again"))

    def _cause(self, kind: str, subject: str) -> str:
        return self._causes.next(f"{kind} {self.cause_of(subject)}")

    def _post_time(self, now: float, cause: str) -> float:
        profile = self.profile
        if self._periodic:
            return (floor(now / profile.every_s) + 1) * profile.every_s
        if self._delay is None:
            self._delay = self.streams.keyed(f"channel/{self.source}/delay", profile.delay)
        delay = self._delay(cause)
        if profile.posts == "mail":
            return self.office.finish(now, delay)
        at = now + delay
        if self._is_constant:
            at = max(at, self._last_s)
            self._last_s = at
        return at

    def _happens(self, name: str, cause: str, usual: float, faults: tuple[Fault, ...]) -> bool:
        share = 1.0 - (1.0 - usual) * _product(1.0 - getattr(f, name) for f in faults)
        if share <= 0.0:
            return False
        if name not in self._draws:
            self._draws[name] = self.streams.chance(f"channel/{self.source}/{name}")
        return self._draws[name](cause) < share

    def _publish(self, message: Message, faults: tuple[Fault, ...], cause: str) -> None:
        if self.down:
            if self.profile.keeps_while_down:
                self._kept.append((message, faults, cause))
            else:
                self.bus.note(message, LOST)
            return
        if not faults:
            now_ms = ceil_ms(self.env.now)
            self.bus.deliver(message if message.time_ms == now_ms else _stamped(message, now_ms, message.data))
            return
        skew = sum(f.clock_skew_s for f in faults)
        data = message.data
        if self._happens("corrupts", cause, 0.0, faults):
            data = {"corrupt": True}
            self.bus.note(message, UNREADABLE)
        elif "item" in data and self._happens("wrong_code", cause, 0.0, faults):
            data = {**data, "item": f"{data['item']}-UNKNOWN"}
            self.bus.note(message, UNKNOWN_CODE)
        self.bus.deliver(_stamped(message, ceil_ms(self.env.now + skew), data))

    def stop(self) -> None:
        """The system is down."""
        self.down += 1

    def restore(self) -> None:
        """The system is back: what it kept goes out at once, in order, with the faults it was posted under."""
        self.down -= 1
        if not self.down:
            kept, self._kept = self._kept, []
            for message, faults, cause in kept:
                self._publish(message, faults, cause)


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
