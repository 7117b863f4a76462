"""One line for people per thing worth telling: what happened, who said it, what was decided, what came of it."""

from collections.abc import Callable
from typing import Any

import msgspec

from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.decisions import Change
from sync.vocabulary.messages import Message
from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H
from sync.vocabulary.wording import changes_said

MS_PER_MIN = 60_000
WIDTH = 22  # of the column with the system's name

Say = Callable[[str], None]


def mute(_: str) -> None:
    """Say nothing."""


def clock_text(time_ms: int) -> str:
    """`day 14 08:00` is `14d 08:00` of the files: 14 whole days and 8 hours after the start."""
    day, rest = divmod(max(time_ms, 0), MS_PER_DAY)
    return f"day {day} {rest // MS_PER_H:02d}:{rest % MS_PER_H // MS_PER_MIN:02d}"


def span_text(span_ms: int) -> str:
    """`3 d`, `90 min`; -1 is `of unknown length`."""
    if span_ms < 0:
        return "of unknown length"
    for unit, size in (("d", MS_PER_DAY), ("h", MS_PER_H), ("min", MS_PER_MIN), ("s", 1000)):
        if span_ms >= 2 * size or (span_ms >= size and span_ms % size == 0):
            return f"{span_ms / size:.3g} {unit}"
    return f"{span_ms} ms"


def _stopped(d: dict[str, Any]) -> str:
    return f"{d.get('line', d.get('lane', ''))} ({d.get('reason', 'closed')}), expected {span_text(d['expected_ms'])}"


def _slowed(d: dict[str, Any]) -> str:
    return f"{d.get('line', d.get('lane', ''))} runs at {d['factor_ppm'] / 10_000:.3g} %"


def _changes(d: dict[str, Any]) -> str:
    return changes_said(msgspec.convert(d.get("changes", ()), tuple[Change, ...]), d.get("unservable", 0))


TOLD: dict[str, Callable[[dict[str, Any]], str]] = {
    "line.stopped": _stopped,
    "line.resumed": lambda d: str(d["line"]),
    "line.slowed": _slowed,
    "lane.closed": _stopped,
    "lane.opened": lambda d: str(d["lane"]),
    "lane.slowed": _slowed,
    "asn.delayed": lambda d: f"{d['order']}: {d['quantity']} {d['item']}, now due {clock_text(d['eta_ms'])}",
    "quality.held": lambda d: f"{d['quantity']} {d['item']} at {d['site']}",
    "quality.rejected": lambda d: f"{d['quantity']} {d['item']} at {d['site']}",
    "approval.requested": lambda d: f"{d['proposal']} asks the {d['role']}: {_changes(d)}",
    "approval.given": lambda d: f"{d['proposal']} {'approved' if d['approved'] else 'rejected'} by {d['person']}",
    "decision.made": lambda d: f"{d['decision']} {d['state']}: {_changes(d)}",
}


def _line(time_ms: int, who: str, what: str, about: str) -> str:
    text = f"{clock_text(time_ms):<13} {who:<{WIDTH}} {what:<20} {about}".rstrip()
    return "".join(c if c.isprintable() else "?" for c in text)


def tell_message(message: Message) -> str:
    """The line of a message, "" when it is not worth one. A body that is not what it should be is told by its type."""
    tell = TOLD.get(message.type)
    if tell is None:
        return ""
    try:
        about = tell(message.data)
    except (KeyError, TypeError, ValueError):
        about = "(unreadable)"
    return _line(message.time_ms, message.source, message.type, about)


def tell_command(command: Command) -> str:
    what = " ".join(f"{key}={value}" for key, value in command.data.items() if value != "")
    return _line(command.time_ms, f"engine > {command.target}", command.type, f"{command.id}: {what}")


def tell_ack(ack: Ack) -> str:
    return _line(ack.time_ms, ack.source, ack.status, f"{ack.command}{': ' + ack.reason if ack.reason else ''}")
