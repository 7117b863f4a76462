"""The envelope of every command and its acknowledgement, and the table of bodies by command type.

    @command("order.resource") class ResourceOrder(CommandBody) --> COMMANDS["order.resource"]

Typed at both ends: the engine makes a body, and `asked` reads it where a command arrives.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

__all__ = ["COMMANDS", "Ack", "Command", "CommandBody", "asked", "command"]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """id: `<decision>/<n>`; target: the system (`erp`); type: key of COMMANDS; not_after_ms: expires then;
    epoch: fencing token of the engine that sent it; plan_hash: the plan it belongs to."""

    id: str
    target: str
    type: str
    time_ms: int
    not_after_ms: int
    data: dict[str, Any]
    epoch: int = 1
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


class CommandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a command asks for: keyword-only, closed."""

    command_type: ClassVar[str] = ""


COMMANDS: dict[str, type[CommandBody]] = {}  # filled by `command`, system by system

SomeBody = TypeVar("SomeBody", bound=type[CommandBody])


def command(name: str) -> Callable[[SomeBody], SomeBody]:
    """Declare the body of the command type `name`. Raises ValueError when the type has a body already."""

    def declared(body: SomeBody) -> SomeBody:
        if name in COMMANDS:
            raise ValueError(f"command type {name} has a body already: {COMMANDS[name].__qualname__}")
        body.command_type = name
        COMMANDS[name] = body
        return body

    return declared


def asked(command: Command) -> CommandBody:
    """The typed body of `command`. Raises KeyError for an unknown type, msgspec.ValidationError for a bad body."""
    return msgspec.convert(command.data, COMMANDS[command.type])
