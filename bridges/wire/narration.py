"""One line for people per thing worth telling: what happened, who said it, what was decided, what came of it."""

from collections.abc import Callable
from typing import Any

from sync.vocabulary import messages as m
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H, MS_PER_MIN
from sync.vocabulary.wording import changes_said, clock_text

WIDTH = 22  # of the column with the system's name

Say = Callable[[str], None]


def mute(_: str) -> None:
    """Say nothing."""


def span_text(span_ms: int) -> str:
    """`3 d`, `90 min`; -1 is `of unknown length`."""
    if span_ms < 0:
        return "of unknown length"
    for unit, size in (("d", MS_PER_DAY), ("h", MS_PER_H), ("min", MS_PER_MIN), ("s", 1000)):
        if span_ms >= 2 * size or (span_ms >= size and span_ms % size == 0):
            return f"{span_ms / size:.3g} {unit}"
    return f"{span_ms} ms"


def _stopped(what: str, reason: str, expected_ms: int) -> str:
    return f"{what} ({reason}), expected {span_text(expected_ms)}"


def _slowed(what: str, factor_ppm: int) -> str:
    return f"{what} runs at {factor_ppm / 10_000:.3g} %"


def _goods(b: m.QualityHeld | m.QualityDisposed) -> str:
    return f"{b.quantity} {b.item} at {b.site}"


TOLD: dict[type[m.Body], Callable[[Any], str]] = {
    m.LineStopped: lambda b: _stopped(b.line, b.reason, b.expected_ms),
    m.LineResumed: lambda b: str(b.line),
    m.LineSlowed: lambda b: _slowed(b.line, b.factor_ppm),
    m.LaneClosed: lambda b: _stopped(b.lane, "closed", b.expected_ms),
    m.LaneOpened: lambda b: str(b.lane),
    m.LaneSlowed: lambda b: _slowed(b.lane, b.factor_ppm),
    m.ShipmentLost: lambda b: f"{b.order}: {b.quantity} {b.item} from {b.source}, on {b.lane}",
    m.AsnDelayed: lambda b: f"{b.order}: {b.quantity} {b.item}, now due {clock_text(b.eta_ms)}",
    m.QualityHeld: _goods,
    m.QualityRejected: _goods,
    m.ApprovalRequested: lambda b: f"{b.proposal} asks the {b.role}: {changes_said(b.changes, b.unservable)}",
    m.ApprovalGiven: lambda b: f"{b.proposal} {'approved' if b.approved else 'rejected'} by {b.person}",
    m.DecisionMade: lambda b: f"{b.decision} {b.state}: {changes_said(b.changes, b.unservable)}",
}


def _line(time_ms: int, who: str, what: str, about: str) -> str:
    text = f"{clock_text(time_ms):<13} {who:<{WIDTH}} {what:<20} {about}".rstrip()
    return "".join(c if c.isprintable() else "?" for c in text)


def tell_message(message: m.Message) -> str:
    """The line of a message, "" when it is not worth one. A body that is not what it should be is told by its type."""
    tell = TOLD.get(m.BODIES.get(message.type, m.Body))
    if tell is None:
        return ""
    try:
        about = tell(m.body_of(message))
    except ValueError:
        about = "(unreadable)"
    return _line(message.time_ms, message.source, message.type, about)


def tell_command(command: Command) -> str:
    what = " ".join(f"{key}={value}" for key, value in command.data.items() if value != "")
    return _line(command.time_ms, f"{m.ENGINE} > {command.target}", command.type, f"{command.id}: {what}")


def tell_ack(ack: Ack) -> str:
    return _line(ack.time_ms, ack.source, ack.status, f"{ack.command}{': ' + ack.reason if ack.reason else ''}")
