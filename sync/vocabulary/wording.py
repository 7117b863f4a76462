"""The words that bridges and the answers share: moments, and what the engine announces; made here, once, last.

No message, fact or decision carries one of these sentences. What only one side tells is worded there: a line per live
message, command and answer in bridges/wire/narration, what needs money or a run's tables in scenarios/answers.
"""

from collections.abc import Iterable

from sync.vocabulary.decisions import Change, Decision
from sync.vocabulary.messages import Message
from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H, MS_PER_MIN

_VERBS = {"reroute": "make", "transfer": "take"}


def clock_text(time_ms: int) -> str:
    """`day 14 08:00` is `14d 08:00` of the files: 14 whole days and 8 hours after the start; before it, the start."""
    day, rest = divmod(max(time_ms, 0), MS_PER_DAY)
    return f"day {day} {rest // MS_PER_H:02d}:{rest % MS_PER_H // MS_PER_MIN:02d}"


def headline(decision: Decision) -> str:
    """The decision in one sentence."""
    return changes_said(decision.changes(), len(decision.unservable))


def changes_said(changes: Iterable[Change], unservable: int) -> str:
    """`12 orders go to brno, porto; 3 orders are unservable`, `make 40 X at porto for dc; take 5 X at hub for dc`."""
    changes = tuple(changes)
    resourced = [c for c in changes if c.kind == "resource"]
    said = []
    if resourced:
        orders = _orders(sum(c.count for c in resourced), "goes", "go")
        said.append(f"{orders} to {', '.join(c.site for c in resourced)}")
    said += [f"{_VERBS[c.kind]} {c.count} {c.item} at {c.site} for {c.target}" for c in changes if c.kind in _VERBS]
    said = said or ["nothing can be moved"]
    said += [f"{_orders(unservable, 'is', 'are')} unservable"] if unservable else []
    return "; ".join(said)


def _orders(count: int, one: str, many: str) -> str:
    return f"{count} order {one}" if count == 1 else f"{count} orders {many}"


_DEAD = {
    "unknown_type": "unknown message type '{about}'",
    "bad_body": "bad body of {type}: {about}",
    "unmapped_item": "item code '{about}' of {source} is not mapped",
}


def dead_letter_said(message: Message, code: str, about: str) -> str:
    """Why the engine could not take a message."""
    return _DEAD[code].format(about=about, type=message.type, source=message.source)
