"""Who decides for a twin that is served: the built-in engine, one that attached from outside, or nobody.

Each change of hands is a new epoch: commands of an earlier one are fenced off at the gate, so that two never command.
"""

import time
from collections.abc import Callable
from typing import Literal

from bridges.errors import Rejected
from bridges.serve.gate import Gate
from bridges.serve.outlet import Outlet
from bridges.serve.twin import Twin
from bridges.wire import codec, presence
from bridges.wire.codec import Packet
from bridges.wire.narration import Say
from sync.vocabulary.messages import ENGINE, Message

ATTACH_S = 60.0  # an engine that asked for the past and does not come online by then is gone
PAST = 500_000  # messages kept for engines that attach
CLOSED = "the built-in engine decides here. Attach an engine, or serve with --engine none"


class Engines:
    """wish: builtin, or none (nobody decides until somebody attaches). announce: called when another one decides."""

    def __init__(
        self, twin: Twin, gate: Gate, outlet: Outlet, wish: str, feed: Say, announce: Callable[[], None]
    ) -> None:
        self.twin, self.gate, self.outlet, self.feed = twin, gate, outlet, feed
        self._builtin, self._announce = wish == "builtin", announce
        self._past: list[tuple[int, Message]] = []
        self._missing = 0
        self._outside, self._online, self._attach_by = "", False, 0.0

    @property
    def deciding(self) -> Literal["builtin", "outside", "none"]:
        if self._outside:
            return "outside"
        return "builtin" if self._builtin else "none"

    def keep(self, message: Message, now_ms: int) -> None:
        """Remember what was said, for engines that attach: their forecasts need a history."""
        if len(self._past) < PAST:
            self._past.append((now_ms, message))
        else:
            self._missing += 1

    def attach(self, packet: Packet, now_ms: int) -> None:
        """An engine asks for the past: from here on it decides, earlier ones are fenced off. Raises Rejected."""
        if packet.retain:
            raise Rejected(f"{packet.topic}: retained requests are refused")
        engine = codec.decode_as(presence.ReplayRequest, packet).engine
        self.gate.epoch += 1
        self.gate.closed = ""
        self._outside, self._online, self._attach_by = engine, False, time.monotonic() + ATTACH_S
        self.twin.detach_engine()
        past = [(at, m) for at, m in self._past if m.source not in (ENGINE, "people")]
        total = self.outlet.replay(engine, self.gate.epoch, past, self._missing, now_ms)
        self._announce()
        stands_down = " The built-in engine stands down." if self._builtin else ""
        self.feed(f"{engine} attaches: epoch {self.gate.epoch}, {total} messages of the past.{stands_down}")

    def status(self, packet: Packet) -> None:
        """An engine says that it is there, or its will that it is not any more. Raises Rejected."""
        status = codec.decode_as(presence.Status, packet)
        if status.id != self._outside:
            return  # a left-over of an earlier one
        if status.state == "online":
            self._online = True
        else:
            self._detach("has left")

    def miss(self, wall_s: float) -> None:
        """Give up on an engine that asked for the past and never came."""
        if self._outside and not self._online and wall_s > self._attach_by:
            self._detach(f"did not come online within {ATTACH_S:g} s")

    def _detach(self, why: str) -> None:
        """The outside engine is gone: its late commands are refused, the built-in one decides again."""
        self.gate.epoch += 1
        engine, self._outside, self._online = self._outside, "", False
        comes_back = "nobody decides now"
        if self._builtin:
            self.twin.attach_engine(self.gate.epoch)
            comes_back = "the built-in engine decides again"
            self.gate.closed = CLOSED
        self._announce()
        self.feed(f"{engine} {why}: {comes_back}")
