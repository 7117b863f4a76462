"""Facts: what the journal holds and `evolve` takes. Messages and acks come from outside, the rest is our own."""

from dataclasses import dataclass

from sync.core.state import Draft, Sent
from sync.vocabulary.commands import Ack
from sync.vocabulary.decisions import Decision, Unservable
from sync.vocabulary.messages import Message


@dataclass(frozen=True)
class Drafted:
    """The engine began a decision."""

    draft: Draft


@dataclass(frozen=True)
class Concluded:
    """The engine decided: `decision` with its commands; the draft, if any, is closed."""

    decision: Decision
    commands: tuple[Sent, ...]


@dataclass(frozen=True)
class Dropped:
    """A draft came to nothing: nothing beats the plan in force; or stale, then its triggers are looked at again."""

    draft: str
    stale: bool = False


@dataclass(frozen=True)
class Expired:
    """A proposal nobody answered in time."""

    decision: str


@dataclass(frozen=True)
class Dispatched:
    """A command left for its system."""

    command: str
    not_after_ms: int


@dataclass(frozen=True)
class Looked:
    """The engine looked at the network: `next_ms` is the next periodic look."""

    next_ms: int


@dataclass(frozen=True)
class Judged:
    """New orders were looked at, and these found unservable."""

    unservable: tuple[Unservable, ...]


@dataclass(frozen=True)
class Withdrawn:
    """Nothing needs changing in the scope any more: proposals that wait for a person are void."""

    scope: str


Fact = Message | Ack | Drafted | Concluded | Dropped | Expired | Dispatched | Looked | Judged | Withdrawn
