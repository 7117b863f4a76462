"""The envelope of every message, and the table of bodies by message type.

    @message("line.stopped") class LineStopped(Body) --> BODIES["line.stopped"], and LineStopped.message_type

A type name stands once, with its Struct, in the file of the system that owns it. Somebody else's system brings its own
bodies in the same way (see plants.systems.registry).
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec

__all__ = ["BODIES", "Body", "Message", "body_of", "message"]


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """id: unique per source; source: `erp`, `lyon.mes`; type: key of BODIES; subject: what it is about;
    time_ms: when the system published it; noticed_ms: when the system learned of it; happened_ms: when it was so.
    `sequence` counts per source from 1 without gaps. A transport adds or drops nothing.

    It leads nowhere in a circle, so the search for garbage passes it by (gc)."""

    id: str
    source: str
    type: str
    subject: str
    time_ms: int
    data: dict[str, Any]
    sequence: int = 0
    noticed_ms: int = 0
    happened_ms: int = 0
    correlation_id: str = ""
    causation_id: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every body: keyword-only, closed. message_type: "" for a base that several types share."""

    message_type: ClassVar[str] = ""


BODIES: dict[str, type[Body]] = {}  # filled by `message`, owner by owner

SomeBody = TypeVar("SomeBody", bound=type[Body])


def message(name: str) -> Callable[[SomeBody], SomeBody]:
    """Declare the body of the message type `name`. Raises ValueError when the type has a body already."""

    def declared(body: SomeBody) -> SomeBody:
        if name in BODIES:
            raise ValueError(f"message type {name} has a body already: {BODIES[name].__qualname__}")
        body.message_type = name
        BODIES[name] = body
        return body

    return declared


def body_of(message: Message) -> Body:
    """The typed body of `message`. Raises KeyError for an unknown type, msgspec.ValidationError for a bad body."""
    return msgspec.convert(message.data, BODIES[message.type])
