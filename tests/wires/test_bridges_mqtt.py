"""Sessions and brokers on loopback: the private mosquitto and amqtt, their roles, wills, retained packets, limits."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from bridges.clients.engine import run_engine
from bridges.clients.inject import inject
from bridges.clients.live import watch
from bridges.errors import ConnectionFailed
from bridges.mqtt import client as mqtt
from bridges.mqtt.broker import find_mosquitto, mosquitto_hash, open_broker
from bridges.mqtt.client import Session
from bridges.serve.invitation import watcher_options
from bridges.wire import statefile
from bridges.wire.codec import Packet
from bridges.wire.endpoint import Endpoint, free_port, parse_url
from bridges.wire.statefile import Credentials, Login, ServeFile
from sync.vocabulary.errors import Refused

WAIT_S = 10.0


@pytest.fixture(params=["mosquitto", "amqtt"], scope="module")
def broker(request, tmp_path_factory):
    if request.param == "mosquitto" and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    if request.param == "amqtt":
        pytest.importorskip("amqtt", reason="amqtt is not installed")
    opened = open_broker(None, tmp_path_factory.mktemp("state"), "net", kind=request.param)
    yield opened
    opened.close()


def session(broker, role, name, **kwargs) -> Session:
    return Session(broker.endpoint.as_role(broker.credentials.role(role)), f"{name}-{role}", **kwargs)


def take(session: Session, count: int = 1, wait_s: float = WAIT_S) -> list[Packet]:
    packets: list[Packet] = []
    end = time.monotonic() + wait_s
    while len(packets) < count and time.monotonic() < end:
        packet = session.get(0.1)
        packets += [packet] if packet else []
    return packets


def test_an_independent_client_sees_what_the_twin_publishes(broker) -> None:
    seen: list[tuple[str, bytes, bool]] = []
    login = broker.credentials.role("viewer")
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.username_pw_set(login.username, login.password)
    client.on_connect = lambda c, *_: c.subscribe("net/#", 1)
    client.on_message = lambda _c, _d, m: seen.append((m.topic, m.payload, m.retain))
    with session(broker, "twin", "a") as twin:
        twin.publish(Packet("net/lyon/production/L1/press/state", b"1", 0, True))
        assert twin.flush(5)
        client.connect(broker.endpoint.host, broker.endpoint.port)
        client.loop_start()
        end = time.monotonic() + WAIT_S
        while not seen and time.monotonic() < end:
            time.sleep(0.01)
        twin.publish(Packet("net/lyon/_msg/line.stopped", b"2"))
        while len(seen) < 2 and time.monotonic() < end:
            time.sleep(0.01)
    client.disconnect()
    client.loop_stop()
    assert ("net/lyon/production/L1/press/state", b"1", True) in seen, "the state is retained for late comers"
    assert ("net/lyon/_msg/line.stopped", b"2", False) in seen


def test_a_hundred_packets_of_qos_1_arrive_in_order(broker) -> None:
    with session(broker, "operator", "order", subscribe=[("net/x/_msg/#", 1)]) as reader:
        time.sleep(0.3)
        with session(broker, "twin", "order") as twin:
            for n in range(100):
                assert twin.publish(Packet("net/x/_msg/n", str(n).encode()))
            assert twin.flush(10)
        assert [int(p.payload) for p in take(reader, 100)] == list(range(100))
        assert reader.dropped_in == 0 and twin.dropped_out == 0


@pytest.mark.parametrize("login", [Login(), Login("viewer", "wrong"), Login("nobody", "x")])
def test_anonymous_and_wrong_credentials_are_turned_away(broker, login) -> None:
    with pytest.raises(ConnectionFailed, match="turned us away"):
        Session(broker.endpoint.as_role(login), "bad").connect(retry_s=())


def test_a_viewer_cannot_publish_and_an_engine_cannot_pose_as_a_plant(broker) -> None:
    with session(broker, "twin", "acl", subscribe=[("net/#", 1)]) as twin:
        time.sleep(0.3)
        take(twin, 50, 0.3)
        with session(broker, "viewer", "acl") as viewer, session(broker, "engine", "acl") as engine:
            viewer.publish(Packet("net/_twin/inject", b"viewer", 0))
            viewer.publish(Packet("net/_network/_cmd/erp/order.resource", b"viewer", 0))
            engine.publish(Packet("net/lyon/production/L1/press/state", b"engine", 0))
            engine.publish(Packet("net/_network/_cmd/erp/order.resource", b"engine allowed", 0))
            got = take(twin, 1)
            got += take(twin, 5, 0.5)
        assert [p.payload for p in got] == [b"engine allowed"]


def test_the_will_is_published_when_a_session_vanishes_and_not_when_it_leaves(broker) -> None:
    will = Packet("net/_engine/status", b"offline", 1, True)
    birth = Packet("net/_engine/status", b"online", 1, True)
    with session(broker, "twin", "will", subscribe=[("net/_engine/status", 1)]) as twin:
        time.sleep(0.3)
        take(twin, 5, 0.3)
        engine = session(broker, "engine", "will", will=will, birth=birth).connect()
        assert [p.payload for p in take(twin, 1)] == [b"online"]
        engine._client.socket().close()  # the network goes, no goodbye
        assert b"offline" in [p.payload for p in take(twin, 1)]
        engine._closing = True
        engine._client.disconnect()
        engine._client.loop_stop()
        take(twin, 5, 0.5)
        polite = session(broker, "engine", "polite", will=will, birth=birth).connect()
        assert [p.payload for p in take(twin, 1)] == [b"online"]
        polite.close(last=Packet("net/_engine/status", b"left", 1, True))
        assert [p.payload for p in take(twin, 2, 1.0)] == [b"left"]


def test_the_files_of_a_private_broker_are_for_its_owner_alone(tmp_path) -> None:
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    opened = open_broker(None, tmp_path / "state", "net", kind="mosquitto")
    try:
        files = [p for p in (tmp_path / "state").rglob("*") if p.is_file()]
        assert files and all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files)
        text = b"".join(p.read_bytes() for p in files).decode()
        assert all(login.password not in text for login in opened.credentials.roles.values()), "hashes only"
    finally:
        opened.close()
    assert opened._process.poll() is not None, "the process we started is ended"


def test_a_taken_port_is_one_clear_line(tmp_path, broker) -> None:
    with pytest.raises(ConnectionFailed, match=r"^127\.0\.0\.1:\d+ for the broker: address already in use"):
        open_broker(None, tmp_path, "net", kind=broker.kind, port=broker.endpoint.port)


def test_the_password_hash_is_the_one_mosquitto_passwd_writes() -> None:
    line = mosquitto_hash("secret", b"0123456789ab")
    assert line.startswith("$7$101$MDEyMzQ1Njc4OWFi$") and len(line.split("$")[4]) == 88
    assert mosquitto_hash("secret") != mosquitto_hash("secret"), "salted"


def test_an_unreachable_broker_shows_its_retry_plan_and_fails_in_one_line() -> None:
    said: list[str] = []
    dead = Session(Endpoint("127.0.0.1", free_port()), "x", say=said.append)
    with pytest.raises(ConnectionFailed, match=r"^broker mqtt://127\.0\.0\.1:\d+: .*refused \(3 attempts\)$") as caught:
        dead.connect(retry_s=(0.01, 0.02))
    assert caught.value.exit_code == 6
    assert ["attempt 2 of 3" in said[0], "attempt 3 of 3" in said[1]] == [True, True]


def test_the_inbox_is_bounded_and_drops_are_counted(monkeypatch, broker) -> None:
    monkeypatch.setattr(mqtt, "INBOX", 10)
    with session(broker, "viewer", "small", subscribe=[("net/drop", 1)]) as reader:
        time.sleep(0.3)
        with session(broker, "twin", "small") as twin:
            for n in range(30):
                twin.publish(Packet("net/drop", str(n).encode()))
            assert twin.flush(10)
        end = time.monotonic() + WAIT_S
        while reader.received < 30 and time.monotonic() < end:
            time.sleep(0.01)
        assert (reader.received, reader.dropped_in, len(reader.drain())) == (30, 20, 10)


def test_sending_without_a_connection_is_counted_as_dropped(monkeypatch) -> None:
    lonely = Session(Endpoint("127.0.0.1", 1), "x")
    assert not lonely.publish(Packet("a", b"", 0))
    assert lonely.dropped_out == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("localhost:1883", "expected mqtt://"),
        ("http://localhost", "expected mqtt://"),
        ("mqtt://localhost:99999", "expected mqtt://"),
        ("mqtt://:1883", "expected mqtt://"),
        ("mqtt://10.0.0.5:1883", "needs mqtts:// and credentials"),
        ("mqtt://me:secret@broker.example", "needs mqtts:// and credentials"),
        ("mqtts://broker.example", "needs mqtts:// and credentials"),
        ("mqtt://[::1:1883", "expected mqtt://"),
        ("mqtt://[x", "expected mqtt://"),
        ("mqtt://localhost:0", "expected mqtt://"),
        ("me:secret@broker.example", r"--broker \*\*\*@broker.example: expected"),
        ("secret://me@broker.example", "expected mqtt://"),
        ("mqtt://[me:secret@broker.example", "expected mqtt://"),
        ("mqtt://me:1secret#x@broker.example", "expected mqtt://"),
        ("mqtt://me:18/secret@broker.example", "expected mqtt://"),
        ("mqtt://me:18?secret@broker.example", "expected mqtt://"),
    ],
)
def test_a_url_that_is_malformed_or_not_safe_is_refused_without_what_stands_before_an_at(url, reason) -> None:
    with pytest.raises(Refused, match=reason) as caught:
        parse_url(url)
    assert "secret" not in str(caught.value) and "18" not in str(caught.value).replace("1883", "")
    assert caught.value.exit_code == 2 and "\n" not in str(caught.value)


def test_good_urls_are_read_and_insecure_is_said_loudly(monkeypatch) -> None:
    assert parse_url("mqtt://localhost") == Endpoint("localhost", 1883)
    assert parse_url("mqtt://[::1]:2000").url == "mqtt://[::1]:2000"
    far = parse_url("mqtts://me:s%40x@broker.example")
    assert far == Endpoint("broker.example", 8883, True, Login("me", "s@x")) and "s@x" not in str(far)
    monkeypatch.setenv("PLANTSYNC_MQTT_USERNAME", "env")
    monkeypatch.setenv("PLANTSYNC_MQTT_PASSWORD", "pw")
    assert parse_url("mqtts://broker.example").login == Login("env", "pw")
    said: list[str] = []
    parse_url("mqtt://10.0.0.5", insecure=True, say=said.append)
    assert "WARNING" in said[0]


def test_serve_json_is_private_and_comes_back(tmp_path) -> None:
    content = ServeFile(
        broker="mqtt://127.0.0.1:1",
        credentials=Credentials("operator", "pw", {"viewer": Login("viewer", "v")}),
        opcua={"lyon": "opc.tcp://127.0.0.1:4840/lyon"},
        enterprise="net",
        speed=60.0,
        pid=1,
        start_epoch_ms=0,
    )
    statefile.claim(tmp_path / "state")
    path = statefile.write(tmp_path / "state", content)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert statefile.read(tmp_path / "state") == content
    assert content.credentials.role("engine") == Login("operator", "pw")
    with pytest.raises(Refused, match="another serve \\(process 1\\)"):
        statefile.claim(tmp_path / "state")


@pytest.mark.parametrize(
    "call", [lambda folder: inject(folder, "a", "b"), lambda folder: watch(folder, "", print), run_engine]
)
def test_a_serve_json_whose_process_is_gone_is_one_clear_line_and_exit_6(tmp_path, call) -> None:
    usual = {"broker": "mqtt://127.0.0.1:1", "credentials": Credentials("operator", "pw"), "opcua": {}, "speed": 1.0,
             "enterprise": "net", "start_epoch_ms": 0}  # fmt: skip
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # a zombie: its parent has not looked yet
    for _ in range(2):
        statefile.write(tmp_path, ServeFile(pid=ended.pid, host=socket.gethostname(), **usual))
        with pytest.raises(ConnectionFailed, match=rf"the twin \(process {ended.pid}\) is gone, .* Start `plantsync"):
            call(tmp_path)
        statefile.claim(tmp_path)
        ended.wait()
    statefile.write(tmp_path, ServeFile(pid=ended.pid, host="another", **usual))
    assert statefile.read_live(tmp_path).pid == ended.pid, "a process of another machine is not ours to look for"


@pytest.mark.skipif(find_mosquitto() is None or sys.platform != "linux", reason="Linux ends a child with its parent")
def test_a_private_broker_ends_with_a_parent_that_is_killed(tmp_path) -> None:
    body = f"""
import time
from pathlib import Path
from bridges.mqtt.broker import open_broker
broker = open_broker(None, Path({str(tmp_path)!r}), "net", kind="mosquitto")
print(broker.endpoint.port, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", body], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
    finally:
        parent.kill()
        parent.wait()
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    raise AssertionError("the broker outlived its parent")


def test_the_options_for_mosquitto_sub_are_one_per_line() -> None:
    endpoint = Endpoint("127.0.0.1", 1883, login=Login("viewer", "-s3cret"))
    assert watcher_options(endpoint) == b"-h 127.0.0.1\n-p 1883\n-u viewer\n-P -s3cret\n"
    assert watcher_options(Endpoint("far", 8883, True)) == b"-h far\n-p 8883\n--tls-use-os-certs\n"


def test_a_missing_or_foreign_serve_json_is_one_clear_line(tmp_path) -> None:
    with pytest.raises(Refused, match="Start `plantsync serve"):
        statefile.read(tmp_path)
    Path(tmp_path / "serve.json").write_text("{")
    with pytest.raises(Refused, match=r"not a serve\.json"):
        statefile.read(tmp_path)
    statefile.claim(tmp_path)
