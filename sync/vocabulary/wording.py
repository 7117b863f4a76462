"""The words of what the engine announces: drawn by bridges (narration) and by the answers, so made here, once, last.

No message, fact or decision carries one of these sentences. What needs money, moments or a run's tables to be worded is
worded above, in scenarios/answers.
"""

from collections.abc import Iterable

from sync.vocabulary.decisions import Change, Decision
from sync.vocabulary.messages import Message

_VERBS = {"reroute": "make", "transfer": "take"}


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
