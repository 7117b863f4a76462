"""Approvers: people who answer the engine's proposals, in working hours, after a while, one after the other."""

from dataclasses import dataclass, field

import msgspec

from plants.definition import PersonSpec
from plants.shifts import Shifts
from plants.systems.channel import Bus
from sim.environment import Environment
from sim.streams import Keyed, Occurrences, Streams
from sync.vocabulary.messages import ApprovalGiven, ApprovalRequested, Message, body_of
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Approver:
    """One person of one role. Answers are messages of source `people`."""

    env: Environment
    spec: PersonSpec
    shifts: Shifts
    responds_in: Keyed
    approves: Keyed
    free_at: float = 0.0

    def answer_at(self, cause: str) -> float:
        """When this person will have answered one more proposal, which is about `cause`."""
        begin = max(self.env.now, self.free_at)
        self.free_at = self.shifts.finish(begin, self.responds_in(cause))
        return self.free_at

    def says_yes(self, cause: str) -> bool:
        return self.approves(cause) < self.spec.approves


@dataclass(eq=False)
class People:
    """Everybody who may be asked. A role nobody holds is one person everywhere, always on duty."""

    env: Environment
    streams: Streams
    bus: Bus
    spec: tuple[PersonSpec, ...]
    calendars: dict[str, Shifts]
    _present: dict[str, list[Approver]] = field(default_factory=dict)
    _causes: Occurrences = field(default_factory=Occurrences)
    _answers: int = 0

    def hear(self, message: Message) -> None:
        """A proposal asks for an answer; everything else passes by."""
        if message.type != ApprovalRequested.message_type:
            return
        body = body_of(message)
        if not isinstance(body, ApprovalRequested):
            return
        person = min(self._persons(body.role), key=lambda p: p.free_at)  # who is free first
        cause = self._causes.next(_about(body))
        at = person.answer_at(cause)
        if ceil_ms(min(at, 1e12)) > body.expires_ms >= 0:
            person.free_at = min(person.free_at, body.expires_ms / 1000)
            return  # too late: the proposal will have expired
        self.env.call_at(at, lambda: self._answer(person, body, message, cause))

    def _persons(self, role: str) -> list[Approver]:
        if role not in self._present:
            specs = [p for p in self.spec if p.role == role] or [PersonSpec(role)]
            self._present[role] = [
                Approver(
                    self.env, spec, self.calendars[spec.calendar] if spec.calendar else Shifts.always(),
                    self.streams.keyed(f"people/{role}-{n}/responds_in", spec.responds_in),
                    self.streams.chance(f"people/{role}-{n}/approves"),
                )
                for n, spec in enumerate(specs, 1)
            ]  # fmt: skip
        return self._present[role]

    def _answer(self, person: Approver, body: ApprovalRequested, asked: Message, cause: str) -> None:
        self._answers += 1
        now = ceil_ms(self.env.now)
        yes = person.says_yes(cause)
        answer = ApprovalGiven(
            proposal=body.proposal, approved=yes, person=person.spec.role, reason="" if yes else "not convinced"
        )
        self.bus.deliver(
            Message(
                id=f"people/{self._answers}", source="people", type=answer.message_type, subject=body.proposal,
                time_ms=now, noticed_ms=asked.time_ms, happened_ms=now, sequence=self._answers,
                causation_id=asked.id, data=msgspec.to_builtins(answer),
            )
        )  # fmt: skip


def _about(body: ApprovalRequested) -> str:
    """What a proposal is about, whatever its number is: what it asks for, and what it would move."""
    return f"{body.action} {' '.join(f'{c.kind} {c.item} {c.site}>{c.target}' for c in body.changes)}"
