"""A system's command desk: carries out what the engine asks for, once per command id, and answers with what came of it.

command --latency--> seen before? fenced off? too late? --> the system's own rule --> Ack to everybody who asked
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from plants.systems.system import System
from sync.vocabulary.commands import Ack, Command, asked
from sync.vocabulary.errors import Refused
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Desk:
    """`answers` is called with every Ack. `epoch` is the highest engine epoch seen: older engines are refused."""

    system: System
    answers: list[Callable[[Ack], None]] = field(default_factory=list)
    epoch: int = 0
    _seen: set[str] = field(default_factory=set)

    def take(self, command: Command) -> None:
        """Accept a command from the wire; it is executed after the system's latency."""
        self.system.network.env.call_in(self.system.latency_s, lambda: self._execute(command))

    def _execute(self, command: Command) -> None:
        now = ceil_ms(self.system.network.env.now)
        status, reason = "done", ""
        if command.id in self._seen:
            status, reason = "duplicate", "applied before; a command is applied at most once"
        elif command.epoch < self.epoch:
            status, reason = "refused", f"epoch {command.epoch} is fenced off by epoch {self.epoch}"
        elif 0 <= command.not_after_ms < now:
            status, reason = "expired", f"not after {command.not_after_ms} ms, and it is {now} ms"
        else:
            self.epoch = max(self.epoch, command.epoch)
            self._seen.add(command.id)
            status, reason = self._apply(command)
        source = self.system.channel.source
        ack = Ack(command=command.id, source=source, time_ms=now, status=status, reason=reason)  # type: ignore[arg-type]
        for answer in self.answers:
            answer(ack)

    def _apply(self, command: Command) -> tuple[str, str]:
        rules = {body.command_type: rule for body, rule in self.system.executes.items()}
        rule = rules.get(command.type)
        if rule is None:
            return "refused", f"{command.type} is not a command of {self.system.name}. known: {', '.join(rules)}"
        try:
            return "done", rule(self.system, asked(command))
        except msgspec.ValidationError as error:
            return "refused", f"{command.type}: {error}"
        except Refused as refusal:
            return "refused", str(refusal)
