"""How a twin, an engine and an operator find each other on a broker: the twin's own topics and what they carry.

    {e}/_twin/status         retained Status of the serving twin; its will says offline
    {e}/_twin/master         retained Master: what an engine must know before anything happens
    {e}/_twin/clock          Clock, a few times a second, not retained
    {e}/_twin/replay         ReplayRequest: an engine attaches and asks for the past
    {e}/_twin/replay/{id}    ReplayPart...: first `epoch`, then the messages so far in batches, last `end`
    {e}/_twin/inject         Injection; {e}/_twin/injected/{request}  Injected, its confirmation or refusal
    {e}/_engine/status       retained Status of the attached engine; its will says offline

An engine attaches like this. The past does not go over `_msg` again, so other listeners see every message once:

    engine                                    twin
      |-- subscribe _msg, _ack, clock, replay/{id} -->|
      |-- ReplayRequest ----------------------------->| the built-in engine stands down, the epoch rises by one:
      |<------- ReplayPart(epoch=n, total) -----------| commands of any earlier engine are refused from here on
      |<------- ReplayPart(messages) ... -------------|
      |<------- ReplayPart(end) ----------------------|
      |-- Status online (will: offline) ------------->| offline: the built-in engine comes back, the epoch rises

The original ids are kept, so an engine's inbox drops what it has seen already.
"""

from typing import Annotated, Any, Literal

import msgspec

from bridges.wire.codec import CloudEvent
from sync.vocabulary.master import LaneData, MasterData
from sync.vocabulary.policy import Policy
from sync.vocabulary.tariff import Tariff

MAX_FOR_S = 1e9  # 30 years
REPLAY_BATCH = 400  # messages per ReplayPart: about 150 kB
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9-]*$")]


class WireLane(msgspec.Struct, frozen=True):
    """A LaneData whose tariff is a number: lanes share tables (550 lanes of Brunel: 12 tables, 0.4 MB, not 10)."""

    id: str
    source: str
    target: str
    time_ms: int
    tariff: int
    capacity: int = -1


class Master(msgspec.Struct, frozen=True, kw_only=True):
    """run: names one serving of the twin; a different one means that everything starts anew. `master` comes without
    its lanes, which are in `lanes`, with their `tariffs` by number."""

    run: str
    start_epoch_ms: int
    speed: float
    deciding: Literal["builtin", "outside", "none"]
    policy: Policy
    master: MasterData
    lanes: list[WireLane]
    tariffs: list[Tariff]

    def whole(self) -> MasterData:
        """The master data put together again."""
        lanes = [LaneData(w.id, w.source, w.target, w.time_ms, self.tariffs[w.tariff], w.capacity) for w in self.lanes]
        return msgspec.structs.replace(self.master, lanes=tuple(lanes))


def taken_apart(master: MasterData) -> tuple[MasterData, list[WireLane], list[Tariff]]:
    """The fields `master`, `lanes` and `tariffs` of a Master."""
    numbers: dict[Tariff, int] = {}
    lanes = [
        WireLane(
            lane.id,
            lane.source,
            lane.target,
            lane.time_ms,
            numbers.setdefault(lane.tariff, len(numbers)),
            lane.capacity,
        )
        for lane in master.lanes
    ]
    return msgspec.structs.replace(master, lanes=()), lanes, list(numbers)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """time_ms: virtual, since the scenario's start. lag_ms: wall time the twin is behind its own schedule."""

    time_ms: int
    timestamp_ms: int
    lag_ms: int = 0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`id`: of the engine or of the run."""

    state: Literal["online", "offline"]
    id: str
    epoch: int = 0


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    engine: Id


class ReplayPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """epoch: the fencing token the engine must put on its commands. missing: messages the twin no longer keeps.
    messages and at_ms: what was said and when it arrived; total and time_ms (now) come with the end."""

    engine: str
    epoch: int
    total: int = 0
    missing: int = 0
    messages: list[CloudEvent] = []
    at_ms: list[int] = []
    time_ms: int = -1
    end: bool = False


class Injection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """for_s: virtual seconds, null = for ever or not applicable. extra: the kind's own keys."""

    request: Id
    kind: Word
    target: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    for_s: Annotated[float, msgspec.Meta(gt=0, le=MAX_FOR_S)] | None = None
    extra: dict[str, Any] = {}


class Injected(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: `disruption` is its id, or `reason` says why there is none."""

    request: str
    disruption: str = ""
    reason: str = ""
    time_ms: int = 0


class Topics:
    """The twin's topics in one enterprise."""

    def __init__(self, enterprise: str) -> None:
        self.enterprise = enterprise
        self.twin_status = f"{enterprise}/_twin/status"
        self.master = f"{enterprise}/_twin/master"
        self.clock = f"{enterprise}/_twin/clock"
        self.replay = f"{enterprise}/_twin/replay"
        self.inject = f"{enterprise}/_twin/inject"
        self.engine_status = f"{enterprise}/_engine/status"
        self.messages = f"{enterprise}/+/_msg/#"
        self.commands = f"{enterprise}/+/_cmd/#"
        self.acks = f"{enterprise}/+/_ack/#"

    def replay_of(self, engine: str) -> str:
        return f"{self.replay}/{engine}"

    def injected(self, request: str) -> str:
        return f"{self.enterprise}/_twin/injected/{request}"
