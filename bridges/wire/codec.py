"""The same truth as MQTT packets: topics and JSON, both ways, strictly.

What travels where (`{e}` enterprise = network id; site = plant, warehouse or supplier, `_network` for erp, tms, people
and engine):

    {e}/{site}/production/{line}/{machine}/{tag}   one change, retained: value, timestamp_ms, quality, change, seq
    {e}/{site}/production/{line}/{tag}             the same for a tag of a whole line
    {e}/{site}/_msg/{type}                         a message, CloudEvents 1.0 JSON
    {e}/{site}/_cmd/{system}/{type}                a command, the fields of `Command`
    {e}/{site}/_ack/{command id, percent-encoded}  its acknowledgement, the fields of `Ack` (`D-3/1` is `D-3%2F1`)
    {e}/_twin/...  {e}/_engine/status              the twin's own topics, see `bridges.wire.presence`

Two kinds of time, told apart by name: `timestamp_ms` and RFC 3339 strings are absolute (the scenario's start plus
virtual time); every other `*_ms`, also inside `data`, counts milliseconds since the scenario's start. `seq` counts per
topic from 1 without gaps. A number that is not finite is refused in both directions.
This module refuses to know connections, clocks and brokers.
"""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import quote, unquote

import msgspec

from bridges.errors import Rejected
from sync.vocabulary.changes import PACKML, Change, Value
from sync.vocabulary.commands import COMMANDS, Ack, Command, asked
from sync.vocabulary.messages import BODIES, Message

MAX_PAYLOAD = 1 << 20  # bytes; a larger packet is refused before it is parsed
MAX_MASTER = 16 << 20  # the same for master data, which one twin sends once
MAX_ID = 256  # characters of any id on the wire
NETWORK = "_network"  # the site of what belongs to no site
AREA = "production"
LAST_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z, the last instant the wire formats can write

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_SIGNAL_LEVELS = (3, 4)  # plant.line.tag, plant.line.machine.tag


class Packet(NamedTuple):
    """One MQTT publish. `retain` as published; on a received packet: as the broker flagged it."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False


class Stamped(NamedTuple):
    """A decoded change and its place in its topic's count."""

    change: Change
    seq: int


Aware = Annotated[datetime, msgspec.Meta(tz=True)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]


class _Tag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: int | float | str | bool
    timestamp_ms: int
    quality: str
    change: Name
    seq: Annotated[int, msgspec.Meta(ge=1)]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CloudEvents 1.0 in JSON; extension attributes are lower case. Unknown ones are let through, as the norm asks."""

    specversion: str
    id: Name
    source: Name
    type: Name
    subject: str = ""
    time: Aware
    datacontenttype: str = "application/json"
    sequence: str = ""
    noticedtime: Aware | None = None
    happenedtime: Aware | None = None
    correlationid: str = ""
    causationid: str = ""
    data: dict[str, Any]


class _WireCommand(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The command as it must come in: nothing unknown beside its fields."""


class _WireAck(Ack, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same for an acknowledgement."""


_tag_in = msgspec.json.Decoder(_Tag)
_event_in = msgspec.json.Decoder(CloudEvent)
_command_in = msgspec.json.Decoder(_WireCommand)
_ack_in = msgspec.json.Decoder(_WireAck)
_out = msgspec.json.Encoder()


# --- time -----------------------------------------------------------------------------------------------------------
def instant(epoch_ms: int) -> datetime:
    """Absolute milliseconds as a UTC datetime, exactly. Raises Rejected outside the years 1970 to 9999."""
    if not 0 <= epoch_ms <= LAST_MS:
        raise Rejected(f"time {epoch_ms} ms lies outside the years 1970 to 9999")
    return _EPOCH + epoch_ms * _MS


def since_epoch_ms(when: datetime) -> int:
    """The inverse of `instant`; what is finer than a millisecond is cut."""
    return (when - _EPOCH) // _MS


# --- changes --------------------------------------------------------------------------------------------------------
def on_the_wire(change: Change) -> Change:
    """The change as every wire format carries it: a machine's state by its PackML name."""
    if isinstance(change.value, str) and change.value in PACKML and change.signal.endswith(".state"):
        return Change(change.id, change.time_ms, change.signal, PACKML[change.value], change.quality)
    return change


def signal_topic(enterprise: str, signal: str) -> str:
    """`lyon.L1.press.state` -> `{e}/lyon/production/L1/press/state`. Raises Rejected for another shape."""
    levels = signal.split(".")
    if len(levels) not in _SIGNAL_LEVELS or not all(_is_level(level) for level in levels):
        raise Rejected(f"signal {signal!r} is not plant.line.machine.tag or plant.line.tag")
    return "/".join([enterprise, levels[0], AREA, *levels[1:]])


def topic_signal(enterprise: str, topic: str) -> str:
    """The inverse of `signal_topic`. Raises Rejected."""
    levels = topic.split("/")
    if len(levels) - 2 not in _SIGNAL_LEVELS or levels[0] != enterprise or levels[2] != AREA:
        raise Rejected(f"topic {topic!r} carries no signal of {enterprise}")
    return ".".join([levels[1], *levels[3:]])


def encode_change(enterprise: str, change: Change, seq: int, start_epoch_ms: int, qos: int = 0) -> Packet:
    """The retained packet of one change. Raises Rejected for NaN and infinity (a bad value has a quality instead)."""
    value = _finite_value(change.value)
    tag = _Tag(value, start_epoch_ms + change.time_ms, change.quality, change.id, seq)
    return Packet(signal_topic(enterprise, change.signal), _out.encode(tag), qos, True)


def decode_change(enterprise: str, packet: Packet, start_epoch_ms: int) -> Stamped:
    """The change of a packet; the signal is the topic's. Raises Rejected."""
    signal = topic_signal(enterprise, packet.topic)
    tag = _decode(_tag_in, packet)
    instant(tag.timestamp_ms)
    return Stamped(Change(tag.change, tag.timestamp_ms - start_epoch_ms, signal, tag.value, tag.quality), tag.seq)


# --- messages -------------------------------------------------------------------------------------------------------
def site_of(source: str) -> str:
    """The topic's site level: `lyon.mes` -> lyon; erp, tms, people, engine -> `_network`."""
    site, dot, _ = source.partition(".")
    return site if dot else NETWORK


def to_event(message: Message, start_epoch_ms: int) -> CloudEvent:
    """A message as a CloudEvent."""
    finite(message.data)
    return CloudEvent(
        specversion="1.0",
        id=message.id,
        source=message.source,
        type=message.type,
        subject=message.subject,
        time=instant(start_epoch_ms + message.time_ms),
        sequence=str(message.sequence) if message.sequence else "",
        noticedtime=instant(start_epoch_ms + message.noticed_ms),
        happenedtime=instant(start_epoch_ms + message.happened_ms),
        correlationid=message.correlation_id,
        causationid=message.causation_id,
        data=message.data,
    )


def from_event(event: CloudEvent, start_epoch_ms: int) -> Message:
    """A CloudEvent as a message. `noticedtime` and `happenedtime` default to `time`. Raises Rejected."""
    if event.specversion != "1.0":
        raise Rejected(f"specversion {event.specversion!r} is not 1.0")
    if event.type not in BODIES:
        raise Rejected(f"message type {event.type!r} is not one of the vocabulary's")
    if event.sequence and not (event.sequence.isascii() and event.sequence.isdigit() and len(event.sequence) <= 18):
        raise Rejected(f"sequence {event.sequence!r} is not a whole number")
    return Message(
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject,
        time_ms=since_epoch_ms(event.time) - start_epoch_ms,
        data=event.data,
        sequence=int(event.sequence or 0),
        noticed_ms=since_epoch_ms(event.noticedtime or event.time) - start_epoch_ms,
        happened_ms=since_epoch_ms(event.happenedtime or event.time) - start_epoch_ms,
        correlation_id=event.correlationid,
        causation_id=event.causationid,
    )


def message_topic(enterprise: str, source: str, type_: str) -> str:
    return f"{enterprise}/{site_of(source)}/_msg/{type_}"


def encode_message(enterprise: str, message: Message, start_epoch_ms: int) -> Packet:
    """The packet of one message: QoS 1, not retained."""
    topic = message_topic(enterprise, message.source, message.type)
    return Packet(topic, _out.encode(to_event(message, start_epoch_ms)))


def decode_message(enterprise: str, packet: Packet, start_epoch_ms: int) -> Message:
    """The message of a packet. Raises Rejected, also when the payload names another site or type than the topic."""
    if packet.retain:
        raise Rejected(f"{packet.topic}: a message is never retained")
    message = from_event(_decode(_event_in, packet), start_epoch_ms)
    _same_identity(packet, message_topic(enterprise, message.source, message.type))
    return message


# --- commands and acknowledgements ----------------------------------------------------------------------------------
def command_topic(enterprise: str, target: str, type_: str) -> str:
    """target `erp` -> `{e}/_network/_cmd/erp/{type}`; `lyon.mes` -> `{e}/lyon/_cmd/mes/{type}`."""
    return f"{enterprise}/{site_of(target)}/_cmd/{target.rpartition('.')[2]}/{type_}"


def encode_command(enterprise: str, command: Command) -> Packet:
    """The packet of one command: QoS 1, never retained."""
    finite(command.data)
    return Packet(command_topic(enterprise, command.target, command.type), _out.encode(command))


def decode_command(enterprise: str, packet: Packet) -> Command:
    """The command of a packet, its body checked. Raises Rejected: retained, unknown field or type, other identity."""
    if packet.retain:
        raise Rejected(f"{packet.topic}: retained commands are refused")
    wire = _decode(_command_in, packet)
    command = Command(**{name: getattr(wire, name) for name in Command.__struct_fields__})
    for word in (command.id, command.target):
        if not 0 < len(word) <= MAX_ID:
            raise Rejected(f"{packet.topic}: a command needs an id and a target of at most {MAX_ID} characters")
    if command.type not in COMMANDS:
        raise Rejected(f"command type {command.type!r} is not one of {', '.join(COMMANDS)}")
    try:
        asked(command)
    except msgspec.ValidationError as fault:
        raise Rejected(f"command {command.id} ({command.type}): {fault}") from None
    _same_identity(packet, command_topic(enterprise, command.target, command.type))
    return command


def command_id(payload: bytes) -> str:
    """The id a refused command claims, "" when it has none: to be able to tell its sender."""
    try:
        claimed = msgspec.json.decode(payload[:MAX_PAYLOAD], type=_Claim)
    except msgspec.MsgspecError:
        return ""
    return claimed.id[:MAX_ID]


class _Claim(msgspec.Struct):
    id: str = ""


def ack_topic(enterprise: str, ack: Ack) -> str:
    return f"{enterprise}/{site_of(ack.source)}/_ack/{quote(ack.command, safe='')}"


def encode_ack(enterprise: str, ack: Ack) -> Packet:
    """The packet of one acknowledgement: QoS 1, not retained."""
    return Packet(ack_topic(enterprise, ack), _out.encode(ack))


def decode_ack(enterprise: str, packet: Packet) -> Ack:
    """The acknowledgement of a packet. Raises Rejected."""
    if packet.retain:
        raise Rejected(f"{packet.topic}: an acknowledgement is never retained")
    wire = _decode(_ack_in, packet)
    ack = Ack(**{name: getattr(wire, name) for name in Ack.__struct_fields__})
    if unquote(packet.topic.rpartition("/")[2]) != ack.command:
        raise Rejected(f"{packet.topic}: the payload acknowledges {ack.command!r}")
    _same_identity(packet, ack_topic(enterprise, ack))
    return ack


# --- shared strictness ----------------------------------------------------------------------------------------------
T = TypeVar("T")


def decode_as(kind: type[T], packet: Packet, limit: int = MAX_PAYLOAD) -> T:
    """The payload as one of the twin's own structs. Raises Rejected."""
    return _decode(msgspec.json.Decoder(kind), packet, limit)


def encode(thing: msgspec.Struct) -> bytes:
    """Compact JSON of one of the twin's own structs."""
    return _out.encode(thing)


def _decode(decoder: "msgspec.json.Decoder[T]", packet: Packet, limit: int = MAX_PAYLOAD) -> T:
    if len(packet.payload) > limit:
        raise Rejected(f"{packet.topic}: more than {limit} bytes, at most so many are read")
    try:
        return decoder.decode(packet.payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
        raise Rejected(f"{packet.topic}: {fault}") from None


def _same_identity(packet: Packet, expected: str) -> None:
    if packet.topic != expected:
        raise Rejected(f"{packet.topic}: the payload's identity belongs on {expected}")


def _is_level(text: str) -> bool:
    return bool(text) and text.isprintable() and not any(c in text for c in "/+#$")


def _finite_value(value: Value) -> Value:
    if isinstance(value, float) and not isfinite(value):
        raise Rejected(f"value {value!r} is not a finite number")
    return value


def finite(data: Any) -> None:
    """Raises Rejected when a number inside `data` is not finite (JSON would turn it into null)."""
    if isinstance(data, dict):
        for inner in data.values():
            finite(inner)
    elif isinstance(data, list | tuple):
        for inner in data:
            finite(inner)
    elif isinstance(data, float):
        _finite_value(data)
