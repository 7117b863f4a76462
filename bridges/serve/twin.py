"""What a bridge needs of the plants behind it: simulated ones, or anything that behaves like this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.master import MasterData
from sync.vocabulary.messages import Message
from sync.vocabulary.policy import Policy


class Clock(Protocol):
    """Virtual time in seconds. `advance` makes it pass until the time given."""

    @property
    def now(self) -> float: ...
    def advance(self, until: float) -> object: ...


class Twin(Protocol):
    """The plants and their systems. The listeners are called inside `env.advance`."""

    @property
    def env(self) -> Clock: ...
    @property
    def master(self) -> MasterData: ...
    @property
    def policy(self) -> Policy: ...
    def takes_commands(self) -> tuple[str, ...]:
        """The systems that carry out commands, by their sources."""
        ...

    def signals(self) -> dict[str, list[str]]:
        """Plant -> the names of its signals."""
        ...

    def on_change(self, listener: Callable[[Change], None]) -> None: ...
    def on_message(self, listener: Callable[[Message], None]) -> None: ...
    def on_command(self, listener: Callable[[Command], None]) -> None: ...
    def on_ack(self, listener: Callable[[Ack], None]) -> None: ...
    def command(self, command: Command) -> None: ...
    def post(self, message: Message) -> None: ...
    def inject(self, kind: str, target: str, /, for_s: float | None = None, **extra: object) -> str:
        """Disturb the world now. Returns the disruption's id. Raises whatever says why it cannot be."""
        ...

    def attach_engine(self, epoch: int, /) -> None:
        """The built-in engine decides, and its commands carry `epoch`."""
        ...

    def detach_engine(self) -> None: ...


@dataclass(frozen=True)
class Subject:
    """What is served, told by who assembled it. warmup_s, horizon_s: virtual seconds from `start_epoch_ms` on.
    fatal: failures of the world itself, which end the serving; whatever else an injection raises is its answer."""

    scenario: str
    enterprise: str
    start_epoch_ms: int
    warmup_s: float
    horizon_s: float
    fatal: tuple[type[Exception], ...] = ()
