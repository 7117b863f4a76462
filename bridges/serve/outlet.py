"""What a twin lets out over MQTT: changes, messages, commands, acknowledgements, the clock, and the past on request."""

from collections.abc import Iterable

from bridges.errors import Rejected
from bridges.mqtt.client import Session
from bridges.wire import codec, presence
from bridges.wire.codec import Packet
from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.errors import Refused
from sync.vocabulary.master import MasterData
from sync.vocabulary.messages import Message
from sync.vocabulary.policy import Policy


class Outlet:
    """One enterprise's outgoing side. Counts what could not be encoded (`refused`); the session counts drops."""

    def __init__(self, session: Session, enterprise: str, start_epoch_ms: int) -> None:
        self.session, self.enterprise, self.start_epoch_ms = session, enterprise, start_epoch_ms
        self.topics = presence.Topics(enterprise)
        self.changes = self.messages = self.refused = 0
        self._seq: dict[str, int] = {}
        self._last: dict[str, Packet] = {}
        self._clock_ms = -1

    def change(self, change: Change) -> None:
        """One signal change: retained, QoS 0, counted per topic from 1."""
        seq = self._seq[change.signal] = self._seq.get(change.signal, 0) + 1
        try:
            packet = codec.encode_change(self.enterprise, change, seq, self.start_epoch_ms)
        except Rejected:
            self.refused += 1
            return
        self.changes += 1
        self._last[change.signal] = packet
        self.session.publish(packet)

    def republish(self) -> None:
        """The last change of every signal again, as it was (`seq` too), for a broker that lost what it retained."""
        for packet in self._last.values():
            self.session.publish(packet)

    def message(self, message: Message, now_ms: int) -> None:
        """One message; the clock of its instant goes before it."""
        self.clock(now_ms)
        try:
            packet = codec.encode_message(self.enterprise, message, self.start_epoch_ms)
        except Rejected:
            self.refused += 1
            return
        self.messages += 1
        self.session.publish(packet)

    def command(self, command: Command) -> None:
        self.session.publish(codec.encode_command(self.enterprise, command))

    def ack(self, ack: Ack, now_ms: int) -> None:
        self.clock(now_ms)
        self.session.publish(codec.encode_ack(self.enterprise, ack))

    def clock(self, now_ms: int, lag_ms: int = 0) -> None:
        """The virtual time, once per instant."""
        if now_ms != self._clock_ms:
            self._clock_ms = now_ms
            self.own(self.topics.clock, presence.Clock(time_ms=now_ms, timestamp_ms=self.start_epoch_ms + now_ms,
                                                       lag_ms=lag_ms), qos=0)  # fmt: skip

    def master(self, run: str, speed: float, deciding: str, master: MasterData, policy: Policy) -> None:
        """What an engine must know before anything happens, retained. Raises Refused: a network too large for it."""
        bare, lanes, tariffs = presence.taken_apart(master)
        whole = presence.Master(
            run=run,
            start_epoch_ms=self.start_epoch_ms,
            speed=speed,
            deciding=deciding,  # type: ignore[arg-type]
            policy=policy,
            master=bare,
            lanes=lanes,
            tariffs=tariffs,
        )
        payload = codec.encode(whole)
        if len(payload) > codec.MAX_MASTER:
            raise Refused(f"the network's master data are {len(payload)} bytes; at most {codec.MAX_MASTER} can be sent")
        self.session.publish(Packet(self.topics.master, payload, 1, True))

    def own(self, topic: str, content: object, *, qos: int = 1, retain: bool = False) -> bool:
        """One of the twin's own structs."""
        return self.session.publish(Packet(topic, codec.encode(content), qos, retain))  # type: ignore[arg-type]

    def replay(self, engine: str, epoch: int, past: Iterable[tuple[int, Message]], missing: int, now_ms: int) -> int:
        """Send an engine everything said so far, in batches, with the instants of arrival. Returns how many."""
        topic = self.topics.replay_of(engine)
        part = presence.ReplayPart
        self.own(topic, part(engine=engine, epoch=epoch, missing=missing))
        batch: list[codec.CloudEvent] = []
        at_ms: list[int] = []
        total = 0
        for arrived_ms, message in past:
            try:
                batch.append(codec.to_event(message, self.start_epoch_ms))
            except Rejected:
                self.refused += 1
                continue
            at_ms.append(arrived_ms)
            total += 1
            if len(batch) == presence.REPLAY_BATCH:
                self.own(topic, part(engine=engine, epoch=epoch, messages=batch, at_ms=at_ms))
                batch, at_ms = [], []
        self.own(topic, part(engine=engine, epoch=epoch, messages=batch, at_ms=at_ms, total=total, time_ms=now_ms,
                             end=True))  # fmt: skip
        return total
