"""Facts: what the journal holds and `evolve` takes, all of it plain data. Nothing else ever changes a State.

    from outside   Started  Heard  Answered  DeadLettered
    at a step      TakenIn  Expired  Looked  Judged  Withdrawn  Drafted  Improved  Concluded | Dropped
    going out      Dispatched  Announced

A fact that is decoded again is equal to the one that was written (`fact_of` in sync.shell.journal), so the journal
folded with `evolve`, each fact at its own instant, gives the state.
"""

import msgspec

from sync.core.state import Draft, Sent
from sync.vocabulary.commands import Ack
from sync.vocabulary.decisions import Decision, Unservable
from sync.vocabulary.messages import Message


class Base(msgspec.Struct, frozen=True, tag_field="kind"):
    """Base of every fact; `kind` is its tag in the journal."""


class Started(Base, frozen=True, tag="started"):
    """An engine began: `epoch` fences it from others; its decisions are numbered from `counter` + 1."""

    epoch: int
    counter: int


class Heard(Base, frozen=True, tag="message"):
    """A message came, item codes translated. It is believed when it is taken in."""

    message: Message


class Answered(Base, frozen=True, tag="ack"):
    """A system answered a command. It is believed when it is taken in."""

    ack: Ack


class DeadLettered(Base, frozen=True, tag="dead-letter"):
    """A message nobody can take, kept whole. code: unknown_type | bad_body | unmapped_item; about: the type, what is
    wrong with the body, or the item code."""

    message: Message
    code: str
    about: str


class TakenIn(Base, frozen=True, tag="taken-in"):
    """All that came since the last one (`count` messages and answers) is believed now, in an order of its own (source,
    sequence, id): within an instant it does not matter what came first."""

    count: int


class Looked(Base, frozen=True, tag="looked"):
    """The engine looked at the network: `next_ms` is the next periodic look."""

    next_ms: int


class Judged(Base, frozen=True, tag="judged"):
    """New orders were looked at, and these found unservable."""

    unservable: tuple[Unservable, ...]


class Drafted(Base, frozen=True, tag="drafted"):
    """The engine began a decision. What it is computed from is not a fact: an engine that has lost it drops the draft
    as stale."""

    draft: Draft


class Solved(msgspec.Struct, frozen=True):
    """A solver's answer: (column, thousandths) where not 0, of `columns` columns; see sync.core.problem.Answer."""

    columns: int
    milli: tuple[tuple[int, int], ...]
    bound_minor: int
    duals: dict[str, int]


class Improved(Base, frozen=True, tag="plan.improved"):
    """The solver answered about a draft, and about the plan in force; None: it could not, or was not asked. Changes no
    belief: what comes of it is the decision."""

    draft: str
    basis: str
    plan: Solved | None
    staying: Solved | None


class Concluded(Base, frozen=True, tag="concluded"):
    """The engine decided: `decision` with its commands; its draft is closed."""

    decision: Decision
    commands: tuple[Sent, ...]


class Dropped(Base, frozen=True, tag="dropped"):
    """A draft came to nothing: nothing beats the plan in force; or stale, then its triggers are looked at again."""

    draft: str
    stale: bool = False


class Withdrawn(Base, frozen=True, tag="withdrawn"):
    """Nothing needs changing in the scope any more: proposals that wait for a person are void."""

    scope: str


class Expired(Base, frozen=True, tag="expired"):
    """A proposal nobody answered in time."""

    decision: str


class Dispatched(Base, frozen=True, tag="dispatched"):
    """A command left for its system, void after `not_after_ms`."""

    command: str
    not_after_ms: int


class Announced(Base, frozen=True, tag="announced"):
    """The engine told everybody something."""

    message: Message


Fact = (
    Started
    | Heard
    | Answered
    | DeadLettered
    | TakenIn
    | Looked
    | Judged
    | Drafted
    | Improved
    | Concluded
    | Dropped
    | Withdrawn
    | Expired
    | Dispatched
    | Announced
)
