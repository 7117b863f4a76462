"""What comes in to a twin that is served: commands, injections, an outside engine's questions and its coming and going.

Every packet is somebody else's: what is not the contract's is counted and told, and never ends the serving.
"""

from collections import OrderedDict
from collections.abc import Callable

from bridges.errors import Rejected
from bridges.serve.engines import Engines
from bridges.serve.gate import REMEMBERED, Echoes, Gate
from bridges.serve.outlet import Outlet
from bridges.serve.twin import Subject, Twin
from bridges.wire import codec, presence
from bridges.wire.codec import Packet
from bridges.wire.narration import Say, tell_ack, tell_command, tell_message
from sync.vocabulary.commands import Ack
from sync.vocabulary.messages import ENGINE, FROM_ENGINE, body_of
from sync.vocabulary.wording import clock_text

TOLD = 10  # rejected packets that are told; the rest are only counted


class Intake:
    """Takes packets one by one. rejected: how many were not the contract's. speed: only for the advice it gives."""

    def __init__(
        self, twin: Twin, subject: Subject, gate: Gate, engines: Engines, outlet: Outlet, echoes: Echoes, speed: float,
        feed: Say,
    ) -> None:  # fmt: skip
        self.twin, self.subject, self.gate, self.outlet, self.echoes = twin, subject, gate, outlet, echoes
        self.rejected = 0
        self._answered: OrderedDict[str, presence.Injected] = OrderedDict()  # by request; the oldest is forgotten
        self._speed, self._feed, self._warned = speed, feed, False
        topics = outlet.topics
        self._routes: dict[str, Callable[[Packet, int], None]] = {
            topics.inject: self._inject,
            topics.replay: engines.attach,
            topics.engine_status: lambda packet, _: engines.status(packet),
        }

    def take(self, packet: Packet, now_ms: int) -> None:
        """One packet from outside, at the virtual time `now_ms`."""
        take = self._routes.get(packet.topic) or (self._command if "/_cmd/" in packet.topic else self._engine_says)
        try:
            take(packet, now_ms)
        except Rejected as fault:
            self.rejected += 1
            if self.rejected <= TOLD:
                self._feed(f"rejected: {fault}")

    def _command(self, packet: Packet, now_ms: int) -> None:
        """A command from outside passes the gate once; every other answer goes back at once."""
        claimed = codec.command_id(packet.payload)
        if claimed in self.echoes.went:
            return  # our own, coming back
        try:
            command = codec.decode_command(self.subject.enterprise, packet)
        except Rejected as fault:
            if claimed:
                self._answer(Ack(command=claimed, source="twin", time_ms=now_ms, status="refused", reason=str(fault)))
            raise
        refusal = self.gate.judge(command, now_ms)
        if refusal is not None:
            self._answer(refusal)
            if refusal.status == "expired":
                self._warn_of_speed()
            return
        self.echoes.came.add(command.id)
        self._tell(tell_command(command))
        self.twin.command(command)

    def _answer(self, ack: Ack) -> None:
        self.outlet.ack(ack, ack.time_ms)
        self._tell(tell_ack(ack))

    def _warn_of_speed(self) -> None:
        if not self._warned:
            self._warned = True
            self._feed(f"warning: commands come too late: at {self._speed:g}x a second of computing is "
                       f"{self._speed / 60:g} min here. Serve at a lower --speed.")  # fmt: skip

    def _engine_says(self, packet: Packet, now_ms: int) -> None:
        """approval.requested and decision.made of an outside engine go on the twin's bus: people hear them."""
        message = codec.decode_message(self.subject.enterprise, packet, self.subject.start_epoch_ms)
        if message.source != ENGINE or message.type not in FROM_ENGINE:
            return
        if (message.source, message.id) in self.echoes.went:
            return  # our own, coming back
        if self.gate.closed:
            raise Rejected(f"{packet.topic}: {self.gate.closed}")
        try:
            body_of(message)
        except (KeyError, ValueError) as fault:
            raise Rejected(f"{packet.topic}: {fault}") from None
        if (message.source, message.id) not in self.echoes.came:
            self.echoes.came.add((message.source, message.id))
            self._tell(tell_message(message))
            self.twin.post(message)

    def _inject(self, packet: Packet, now_ms: int) -> None:
        """Disturb the world now, and say what came of it. A request that comes again (its sender has not heard, or a
        broker delivers twice) changes nothing, and has the same answer."""
        if packet.retain:
            raise Rejected(f"{packet.topic}: retained injections are refused")
        wish = codec.decode_as(presence.Injection, packet)
        before = self._answered.get(wish.request)
        if before is not None:
            self.outlet.own(self.outlet.topics.injected(wish.request), before)
            return
        answer: dict[str, str] = {}
        try:
            if "for_s" in wish.extra:
                raise ValueError("key 'for_s' stands beside 'extra', not in it")
            answer["disruption"] = self.twin.inject(wish.kind, wish.target, wish.for_s, **wish.extra)
            told = f"{wish.kind} {wish.target} is {answer['disruption']}"
        except self.subject.fatal:
            raise
        except Exception as fault:  # whatever a wish does, the twin goes on for everybody else
            answer["reason"] = str(fault) or type(fault).__name__
            told = f"{wish.kind} {wish.target} refused: {answer['reason']}"
        self._feed(f"{clock_text(now_ms):<13} injected               {told}")
        content = presence.Injected(request=wish.request, time_ms=now_ms, **answer)
        self._answered[wish.request] = content
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        self.outlet.own(self.outlet.topics.injected(wish.request), content)

    def _tell(self, line: str) -> None:
        if line:
            self._feed(line)
