"""Topics and payloads: what goes out comes back, and what is not the contract's is refused with its reason."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridges.errors import Rejected
from bridges.wire import codec
from bridges.wire.codec import Packet
from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.messages import Message

START = 1_767_571_200_000  # 2026-01-05T00:00Z

fixed = settings(derandomize=True, max_examples=60, deadline=None)
level = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-_ é", min_size=1, max_size=12).filter(lambda s: s.strip() == s)
times = st.integers(0, 10 * 366 * 86_400_000)
values = st.one_of(
    st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.text(max_size=30)
)
ids = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


@fixed
@given(st.lists(level, min_size=3, max_size=4), values, times, st.integers(1, 2**60), ids)
def test_a_change_comes_back_from_its_packet(names, value, time_ms, seq, change_id) -> None:
    change = Change(change_id, time_ms, ".".join(names), value)
    packet = codec.encode_change("net", change, seq, START)
    assert packet.retain and packet.topic.startswith(f"net/{names[0]}/production/{names[1]}/")
    assert codec.decode_change("net", packet, START) == (change, seq)


@fixed
@given(ids, st.sampled_from(["erp", "lyon.mes", "dc-west.wms", "engine"]), times, times, st.integers(0, 10**9))
def test_a_message_comes_back_from_its_cloud_event(id_, source, time_ms, noticed_ms, sequence) -> None:
    message = Message(
        id=id_,
        source=source,
        type="line.stopped",
        subject="lyon.L1",
        time_ms=time_ms,
        noticed_ms=noticed_ms,
        happened_ms=noticed_ms,
        sequence=sequence,
        data={"line": "lyon.L1", "reason": "down", "since_ms": 5, "nested": [1, {"a": 1.5}]},
        causation_id="x",
    )
    packet = codec.encode_message("net", message, START)
    assert not packet.retain and packet.qos == 1
    assert codec.decode_message("net", packet, START) == message


@fixed
@given(ids, times, st.integers(-1, 10**12), st.sampled_from(["erp", "lyon.mes"]))
def test_a_command_and_its_ack_come_back_whatever_the_id(id_, time_ms, not_after_ms, target) -> None:
    data = {"order": "west-1", "site": "porto", "port": "", "carrier": ""}
    command = Command(
        id=id_, target=target, type="order.resource", time_ms=time_ms, not_after_ms=not_after_ms, data=data
    )
    assert codec.decode_command("net", codec.encode_command("net", command)) == command
    ack = Ack(command=id_, source=target, time_ms=time_ms, status="refused", reason="it has left")
    packet = codec.encode_ack("net", ack)
    assert packet.topic.count("/") == 3 and not set("+#") & set(packet.topic)
    assert codec.decode_ack("net", packet) == ack


def test_the_wire_looks_as_documented() -> None:
    packet = codec.encode_change("net", Change("lyon.L1/7", 5, "lyon.L1.press.count", 41), 3, START)
    assert packet.topic == "net/lyon/production/L1/press/count"
    wire = {"value": 41, "timestamp_ms": START + 5, "quality": "good", "change": "lyon.L1/7", "seq": 3}
    assert json.loads(packet.payload) == wire
    assert codec.signal_topic("net", "lyon.L1.good") == "net/lyon/production/L1/good"
    assert codec.command_topic("net", "erp", "order.resource") == "net/_network/_cmd/erp/order.resource"
    ack = Ack(command="D-3/1", source="erp", time_ms=0, status="done")
    assert codec.ack_topic("net", ack) == "net/_network/_ack/D-3%2F1"


def test_a_machine_state_travels_by_its_packml_name() -> None:
    assert codec.on_the_wire(Change("a/1", 0, "p.L.m.state", "down")).value == "Aborted"
    assert codec.on_the_wire(Change("a/1", 0, "p.L.m.state", "Aborted")).value == "Aborted"
    assert codec.on_the_wire(Change("a/1", 0, "p.L.m.count", 3)).value == 3


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_never_leaves(bad) -> None:
    with pytest.raises(Rejected, match="finite"):
        codec.encode_change("net", Change("a/1", 0, "p.L.m.count", bad), 1, START)
    message = Message(id="1", source="erp", type="line.resumed", subject="", time_ms=0, data={"x": [bad]})
    with pytest.raises(Rejected, match="finite"):
        codec.encode_message("net", message, START)


GOOD_COMMAND = {
    "id": "D-1/1",
    "target": "erp",
    "type": "transfer_order.reduce",
    "time_ms": 1,
    "not_after_ms": 2,
    "data": {"order": "TO-1", "quantity": 3},
}
COMMAND_TOPIC = "net/_network/_cmd/erp/transfer_order.reduce"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"colour": "red"}, "unknown field"),
        ({"data": {"order": "TO-1", "quantity": 3, "x": 1}}, "unknown field"),
        ({"data": {"order": "TO-1", "quantity": "3"}}, "Expected `int`"),
        ({"data": {"order": "TO-1", "quantity": 10**15}}, "Expected `int` <= 1000000000000"),
        ({"data": {"order": "TO-1", "quantity": 10**30}}, "Expected `int`|out of range|[Ii]nteger"),
        ({"data": {"order": "TO-1", "quantity": 0}}, "Expected `int` >= 1"),
        ({"not_after_ms": 10**15}, "Expected `int` <= 10000000000000"),
        ({"epoch": 10**25}, "Expected `int`|out of range"),
        ({"type": "line.explode"}, "not one of"),
        ({"target": "lyon.mes"}, "identity belongs on"),
        ({"id": ""}, "needs an id"),
        ({"id": "x" * 300}, "needs an id"),
        ({"epoch": "2"}, "Expected `int`"),
    ],
)
def test_a_command_that_is_not_the_contracts_is_refused(change, reason) -> None:
    assert codec.decode_command("net", Packet(COMMAND_TOPIC, json.dumps(GOOD_COMMAND).encode())).id == "D-1/1"
    with pytest.raises(Rejected, match=reason):
        codec.decode_command("net", Packet(COMMAND_TOPIC, json.dumps(GOOD_COMMAND | change).encode()))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "truncated|empty"),
        (b"not json", "malformed|invalid"),
        (b"\xff\xfe", "malformed|invalid"),
        (b"[1]", "Expected `object`"),
        (b"[" * 200_000, "JSON|recursion|malformed|Expected"),
        (b'{"id": NaN}', "malformed|invalid"),
        (b" " * (codec.MAX_PAYLOAD + 1), "at most"),
    ],
)
def test_a_payload_that_cannot_be_read_is_refused(payload, reason) -> None:
    with pytest.raises(Rejected, match=f"(?i){reason}"):
        codec.decode_command("net", Packet(COMMAND_TOPIC, payload))


def test_a_retained_command_is_refused_and_its_id_can_still_be_told() -> None:
    payload = json.dumps(GOOD_COMMAND).encode()
    with pytest.raises(Rejected, match="retained"):
        codec.decode_command("net", Packet(COMMAND_TOPIC, payload, 1, True))
    assert codec.command_id(payload) == "D-1/1"
    assert codec.command_id(b"{") == ""


def test_a_message_that_claims_another_site_than_its_topic_is_refused() -> None:
    message = Message(id="1", source="lyon.mes", type="line.resumed", subject="", time_ms=0, data={"line": "lyon.L1"})
    packet = codec.encode_message("net", message, START)
    with pytest.raises(Rejected, match="identity"):
        codec.decode_message("net", packet._replace(topic="net/porto/_msg/line.resumed"), START)


@pytest.mark.parametrize("value", ["1e999", "NaN", "null", "[]"])
def test_a_tag_value_that_is_no_finite_scalar_is_refused(value) -> None:
    payload = f'{{"value": {value}, "timestamp_ms": {START}, "quality": "good", "change": "a/1", "seq": 1}}'.encode()
    with pytest.raises(Rejected):
        codec.decode_change("net", Packet("net/p/production/L/m/count", payload), START)


@pytest.mark.parametrize("signal", ["a.b", "a.b.c.d.e", "a..c", "a.b/.c", "a.b.#", "a.b.c\n"])
def test_a_signal_of_another_shape_has_no_topic(signal) -> None:
    with pytest.raises(Rejected):
        codec.signal_topic("net", signal)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["id", "target", "type", "data", "time_ms", "value", "seq", "source", "time", "command"]),
            inner, max_size=6),
        max_leaves=8,
    ).map(lambda thing: json.dumps(thing).encode())),
    st.sampled_from([COMMAND_TOPIC, "net/_network/_ack/x", "net/p/_msg/line.stopped", "net/p/production/L/t", ""]),
    st.booleans(),
)  # fmt: skip
def test_whatever_comes_in_is_read_or_rejected_and_nothing_else(payload, topic, retain) -> None:
    packet = Packet(topic, payload, 1, retain)
    for decode in (
        lambda: codec.decode_command("net", packet),
        lambda: codec.decode_ack("net", packet),
        lambda: codec.decode_message("net", packet, START),
        lambda: codec.decode_change("net", packet, START),
    ):
        with contextlib.suppress(Rejected):
            decode()
