"""The envelope of every command and its acknowledgement, and the table of bodies by command type.

    @command(executed_by="erp") class ResourceOrder(CommandBody, tag="order.resource") --> COMMANDS["order.resource"]

Typed from end to end: the engine makes a body, `plain` writes it into a command, and `asked` reads it where it arrives.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import msgspec

from sync.vocabulary.quantities import MOST_MS, MOST_PIECES

__all__ = ["COMMANDS", "Ack", "Command", "CommandBody", "Instant", "Pieces", "asked", "command", "plain"]

Pieces = Annotated[int, msgspec.Meta(ge=1, le=MOST_PIECES)]  # what a command may ask for
Instant = Annotated[int, msgspec.Meta(ge=-1, le=MOST_MS)]  # ms since the start; -1: none is given


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """id: `<decision>/<n>`; target: the system (`erp`); type: key of COMMANDS; not_after_ms: expires then;
    epoch: fencing token of the engine that sent it; plan_hash: the plan it belongs to."""

    id: str
    target: str
    type: str
    time_ms: int
    not_after_ms: Annotated[int, msgspec.Meta(le=MOST_MS)]
    data: dict[str, Any]
    epoch: Annotated[int, msgspec.Meta(le=MOST_MS)] = 1
    plan_hash: str = ""
    approval_id: str = ""
    correlation_id: str = ""
    causation_id: str = ""


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """What a system answered. `reason` is filled when refused or failed."""

    command: str
    source: str
    time_ms: int
    status: Literal["done", "refused", "failed", "expired", "duplicate"]
    reason: str = ""


class CommandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Base of what a command asks for: keyword-only, closed. Its tag is the command's type, so that bodies kept side by
    side (in the journal) are told apart. executed_by: the system that carries it out."""

    command_type: ClassVar[str] = ""
    executed_by: ClassVar[str] = ""


COMMANDS: dict[str, type[CommandBody]] = {}  # filled by `command`, system by system

SomeBody = TypeVar("SomeBody", bound=type[CommandBody])


def command(*, executed_by: str) -> Callable[[SomeBody], SomeBody]:
    """Declare a body, its tag the command's type, and who carries it out. Raises ValueError when the type has a body
    already."""

    def declared(body: SomeBody) -> SomeBody:
        name = str(body.__struct_config__.tag)
        if name in COMMANDS:
            raise ValueError(f"command type {name} has a body already: {COMMANDS[name].__qualname__}")
        body.command_type, body.executed_by = name, executed_by
        COMMANDS[name] = body
        return body

    return declared


def plain(body: CommandBody) -> dict[str, Any]:
    """The data of a command that asks for `body`; its type stands beside them."""
    data: dict[str, Any] = msgspec.to_builtins(body)
    del data["type"]
    return data


def asked(command: Command) -> CommandBody:
    """The typed body of `command`. Raises KeyError for an unknown type, msgspec.ValidationError for a bad body."""
    return msgspec.convert(command.data, COMMANDS[command.type])
