"""Serving live: a scripted twin behind real brokers and servers, then the real one and an engine in its own process."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bridges.clients.engine import run_engine
from bridges.clients.inject import inject
from bridges.clients.live import watch
from bridges.errors import ConnectionFailed
from bridges.mqtt.broker import find_mosquitto
from bridges.opcua import server as opcua
from bridges.serve.options import Options
from bridges.serve.serving import Serving, serve
from bridges.wire import statefile
from bridges.wire.endpoint import free_port
from console.failures import guarded
from plants.errors import InvariantViolation
from sync.vocabulary.errors import Refused
from tests.common.served import START, SUBJECT, TOPIC, WAIT_S, FakeTwin, Peer, kinds, serving, wish


@pytest.mark.parametrize("kind", kinds())
def test_changes_messages_and_states_come_out_and_the_end_is_clean(tmp_path, kind) -> None:
    with serving(tmp_path, broker_kind=kind) as (_, said, box):
        peer = Peer(tmp_path, "viewer")
        _, state = peer.wait(lambda t, _: t == "net/lyon/production/L1/press/state")
        assert state == {"value": "Aborted", "timestamp_ms": START, "quality": "good", "change": "lyon.L1/0", "seq": 1}
        counts = "net/lyon/production/L1/press/count"
        peer.wait(lambda t, c: t == counts and c["value"] >= 120)
        seen = [json.loads(p) for t, p, _ in peer.seen if t == counts]
        assert [c["value"] for c in seen] == list(range(seen[0]["value"], seen[-1]["value"] + 1)), "none lost"
        assert [c["seq"] for c in seen] == list(range(seen[0]["seq"], seen[-1]["seq"] + 1))
        assert all(c["timestamp_ms"] == START + c["value"] * 1000 for c in seen), "stamps are virtual"
        _, event = peer.wait(lambda t, c: t == "net/lyon/_msg/production_order.changed" and c["sequence"] == "12")
        assert (event["specversion"], event["id"], event["source"]) == ("1.0", "lyon.mes/12", "lyon.mes")
        assert event["time"].startswith("2026-01-05T00:02:00")
        assert any("mosquitto_sub" in line for line in said) and any("plantsync inject" in line for line in said)
        secrets = [login.password for login in statefile.read(tmp_path).credentials.roles.values()]
        assert not any(secret in line for secret in secrets for line in said), "no secret in the feed"
        assert os.stat(tmp_path / "serve.json").st_mode & 0o777 == 0o600
        assert os.stat(tmp_path / "mosquitto_sub").st_mode & 0o777 == 0o600
        assert not any(" -P " in line for line in said), "no password on a command line"
    peer.wait(lambda t, c: t == "net/_twin/status" and c["state"] == "offline")
    peer.close()
    assert not (tmp_path / "serve.json").exists() and not (tmp_path / "mosquitto_sub").exists()
    assert box["served"].changes > 10 and box["served"].dropped == 0


@pytest.mark.parametrize("kind", kinds())
def test_a_command_from_outside_is_carried_out_once_and_every_other_is_answered_with_a_reason(tmp_path, kind) -> None:
    with serving(tmp_path, broker_kind=kind) as (twin, said, _box):
        peer = Peer(tmp_path, "operator")
        peer.send(TOPIC, wish("D-1/1"))
        assert peer.ack("D-1/1")["status"] == "done"
        for id_, content, status in [
            ("D-2/1", wish("D-2/1", epoch=7), "refused"),
            ("D-2/2", wish("D-2/2", not_after_ms=5), "expired"),
            ("D-2/3", wish("D-2/3", colour="red"), "refused"),
            ("D-2/4", wish("D-2/4", data={"order": "TO-1"}), "refused"),
            ("D-2/5", wish("D-2/5", target="lyon.mes"), "refused"),
        ]:
            peer.send(TOPIC, content)
            answer = peer.ack(id_)
            assert (answer["status"], bool(answer["reason"])) == (status, True), answer
        peer.send(TOPIC, wish("D-1/1"))
        peer.wait(lambda t, c: "/_ack/" in t and c["status"] == "duplicate")
        assert sum("commands come too late" in line for line in said) == 1
        peer.send(TOPIC, b"not json")
        peer.send(TOPIC, wish("D-3/1"))
        assert peer.ack("D-3/1")["status"] == "done", "it goes on serving"
        assert [c.id for c in twin.commands] == ["D-1/1", "D-3/1"]
        assert [t for t, _, _ in peer.seen].count(TOPIC) == 9, "commands from outside are not published again"
        peer.close()


def test_a_command_is_refused_while_the_built_in_engine_decides(tmp_path) -> None:
    with serving(tmp_path, engine="builtin") as (twin, _, _box):
        peer = Peer(tmp_path, "operator")
        peer.send(TOPIC, wish("D-1/1"))
        assert "built-in engine decides" in peer.ack("D-1/1")["reason"] and twin.commands == []
        peer.close()


def test_an_engine_gets_the_past_in_order_and_a_second_one_fences_it_off(tmp_path) -> None:
    with serving(tmp_path, engine="builtin") as (twin, said, _box):
        first = Peer(tmp_path, "engine")
        first.send("net/_twin/replay", {"engine": "one"})
        first.wait(lambda t, c: t == "net/_twin/replay/one" and c.get("end"))
        parts = [json.loads(p) for t, p, _ in first.seen if t == "net/_twin/replay/one"]
        events = []
        for part in parts:
            told = zip(part.get("at_ms", []), part.get("messages", []), strict=True)
            events += [(at_ms, event["id"]) for at_ms, event in told]
        assert parts[0]["epoch"] == 2 and parts[-1]["total"] == len(events) >= 10
        assert events == [(n * 10_000, f"lyon.mes/{n}") for n in range(1, len(events) + 1)]
        assert twin.calls == ["detach"]
        first.send("net/_engine/status", {"state": "online", "id": "one", "epoch": 2}, retain=True)
        first.send(TOPIC, wish("D-1/1", epoch=2))
        assert first.ack("D-1/1")["status"] == "done"
        first.send("net/_twin/replay", {"engine": "two"})
        first.wait(lambda t, c: t == "net/_twin/replay/two" and c.get("end"))
        first.send(TOPIC, wish("D-1/2", epoch=2))
        assert first.ack("D-1/2")["reason"].startswith("epoch 2 is not the present one, 3")
        first.send("net/_engine/status", {"state": "offline", "id": "one", "epoch": 2}, retain=True)
        first.send("net/_engine/status", {"state": "offline", "id": "two", "epoch": 3}, retain=True)
        back = "attach, epoch 4"
        first.wait(lambda t, c: t == "net/_twin/master" and c["deciding"] == "builtin" and back in twin.calls)
        first.send(TOPIC, wish("D-1/3", epoch=3))
        assert first.ack("D-1/3")["status"] == "refused", "a late command of an engine that left"
        assert twin.calls == ["detach", "detach", back] and any("two has left" in line for line in said)
        first.close()


def test_an_outside_engines_question_reaches_the_people_once(tmp_path) -> None:
    data = {"proposal": "D-1", "action": "reroute", "role": "planner", "extra_cost_minor": 5, "expires_ms": 10**9}
    event = {"specversion": "1.0", "id": "engine-2-1", "source": "engine", "type": "approval.requested",
             "time": "2026-01-05T00:02:00Z", "data": data}  # fmt: skip
    with serving(tmp_path) as (twin, _, _box):
        peer = Peer(tmp_path, "engine")
        for content in (event, event, {**event, "id": "engine-2-2", "data": {}}, {**event, "source": "erp"}):
            peer.send("net/_network/_msg/approval.requested", content)
        peer.send(TOPIC, wish("D-9/1"))
        peer.ack("D-9/1")
        assert [m.id for m in twin.posted] == ["engine-2-1"]
        assert [t for t, _, _ in peer.seen].count("net/_network/_msg/approval.requested") == 4, "no echo of ours"
        peer.close()


def test_inject_returns_the_disruption_and_refuses_unknown_targets_with_the_reason(tmp_path) -> None:
    with serving(tmp_path) as (twin, said, _box):
        assert inject(tmp_path, "line-down", "lyon.L1", 259_200.0) == "injected-1"
        assert inject(tmp_path, "line-slow", "lyon.L1", None, factor=0.5) == "injected-2"
        assert twin.calls == [("line-down", "lyon.L1", 259_200.0, {}), ("line-slow", "lyon.L1", None, {"factor": 0.5})]
        with pytest.raises(Refused, match=r"inject line-down lyon\.L9: there is no line lyon\.L9\. did you mean"):
            inject(tmp_path, "line-down", "lyon.L9")
        for for_s in (-1.0, 0.0, float("nan"), float("inf"), 1e12):
            with pytest.raises(Refused):
                inject(tmp_path, "line-down", "lyon.L1", for_s)
        with pytest.raises(Refused):
            inject(tmp_path, "Line Down", "lyon.L1")
        assert any("injected-1" in line for line in said)


def test_a_request_that_comes_again_is_done_once_and_answered_alike(tmp_path) -> None:
    with serving(tmp_path) as (twin, _said, _box):
        peer = Peer(tmp_path, "operator", "net/_twin/injected/#")
        asked = {"kind": "line-slow", "target": "lyon.L1", "for_s": 3600, "extra": {"factor": 0.5}}
        for _ in range(4):
            peer.send("net/_twin/inject", {"request": "r-1", **asked})
        wrong = {"request": "r-2", "kind": "line-down", "target": "lyon.L9", "for_s": None, "extra": {}}
        for _ in range(3):
            peer.send("net/_twin/inject", wrong)
        peer.send("net/_twin/inject", {"request": "r-3", **asked})
        peer.wait(lambda t, _: t == "net/_twin/injected/r-3")
        answers = [(t.rpartition("/")[2], json.loads(p)) for t, p, _ in peer.seen]
        peer.close()
        assert twin.calls == [("line-slow", "lyon.L1", 3600.0, {"factor": 0.5})] * 2
    first, refused = ([a for name, a in answers if name == request] for request in ("r-1", "r-2"))
    assert len(first) == 4 and all(a == first[0] for a in first) and first[0]["disruption"] == "injected-1"
    assert len(refused) == 3 and all(a == refused[0] for a in refused) and "no line lyon.L9" in refused[0]["reason"]


def test_live_shows_what_is_published_and_stops_when_it_has_seen_enough(tmp_path) -> None:
    seen: list[str] = []
    with serving(tmp_path):
        assert watch(tmp_path, "", lambda topic, _payload: seen.append(topic), count=5, wait_s=20.0) == 5
        assert watch(tmp_path, "nothing/here", lambda *_: None, wait_s=0.5) == 0
    assert len(seen) == 5 and all(topic.startswith("net/") for topic in seen), seen


def test_nothing_served_is_one_clear_line(tmp_path) -> None:
    with pytest.raises(Refused, match="Start `plantsync serve"):
        inject(tmp_path, "line-down", "lyon.L1")


def test_a_second_serve_on_the_same_port_or_folder_is_one_clear_line(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = Options(opcua_port=taken.getsockname()[1], state_dir=tmp_path, skip_s=0.0)
        with pytest.raises(ConnectionFailed, match="for the OPC UA server of lyon: address already in use"):
            serve(FakeTwin, SUBJECT, options, lambda _: None)
    assert not (tmp_path / "serve.json").exists()


@pytest.mark.parametrize(
    ("kwargs", "reason"),
    [
        ({"speed": 0.0}, "above 0"),
        ({"speed": float("nan")}, "above 0"),
        ({"skip_s": 1e9}, "horizon"),
        ({"until_s": 0.0}, "nothing is left to serve"),
        ({"until_s": 3600.0, "skip_s": 7200.0}, r"--until 0d 01:00: nothing .* allowed: after 0d 02:00 \(--skip\)"),
        ({"until_s": 7200.0, "skip_s": 7200.0}, "nothing is left to serve"),
        ({"engine": "mine"}, "builtin or none"),
        ({"opcua_port": 70_000}, "1 to 65535"),
        ({"broker": "mqtt://10.1.2.3"}, "mqtts:// and credentials"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path, kwargs, reason) -> None:
    with pytest.raises(Refused, match=reason):
        serve(FakeTwin, SUBJECT, Options(state_dir=tmp_path, **kwargs), lambda _: None)


def test_an_invariant_that_breaks_ends_a_served_twin_with_its_one_line_and_leaves_nothing_behind(tmp_path) -> None:
    twin = FakeTwin()
    broken = InvariantViolation("mass", 106_000, "inspection", "lyon", "3 pcs", "4 pcs")

    def violate() -> None:
        raise broken

    twin.env.due.insert(106, (106.5, violate))
    options = Options(speed=20.0, opcua_port=0, state_dir=tmp_path, engine="none", skip_s=105.0)
    with pytest.raises(InvariantViolation) as caught:
        serve(lambda: twin, SUBJECT, options, lambda _: None)
    assert not (tmp_path / "serve.json").exists() and not (tmp_path / "mosquitto_sub").exists()

    def again() -> None:
        raise caught.value

    assert guarded(again) == 3


def test_a_fault_inside_one_injection_is_its_answer_and_the_twin_goes_on(tmp_path) -> None:
    twin = FakeTwin()
    real = twin.inject

    def inject_or_fail(kind, target, for_s=None, **extra):
        if kind == "plant-slow":
            raise ZeroDivisionError("float division by zero")
        return real(kind, target, for_s, **extra)

    twin.inject = inject_or_fail
    with serving(tmp_path, twin):
        with pytest.raises(Refused, match="plant-slow lyon: float division by zero"):
            inject(tmp_path, "plant-slow", "lyon", factor="0")
        assert inject(tmp_path, "line-down", "lyon.L1", 60.0) == "injected-1"


def test_who_is_asked_to_end_before_anything_is_served_is_interrupted(tmp_path) -> None:
    async def go() -> None:
        serving_ = Serving(FakeTwin(), SUBJECT, Options(state_dir=tmp_path, opcua_port=0, skip_s=5.0), lambda _: None)
        serving_.stopping.set()
        await serving_.run()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(go())
    assert not (tmp_path / "serve.json").exists()


def test_an_unreachable_broker_is_exit_6(tmp_path) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        serve(FakeTwin, SUBJECT, Options(state_dir=tmp_path, broker="mqtt://127.0.0.1:1"), lambda _: None)
    assert caught.value.exit_code == 6


@contextmanager
def open_mosquitto(folder, port: int):
    """A broker of somebody else's, that takes anybody and keeps nothing."""
    (folder / "open.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type error\n")
    process = subprocess.Popen([find_mosquitto(), "-c", str(folder / "open.conf")], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_after_a_broker_was_killed_and_restarted_the_states_are_there_again(tmp_path) -> None:
    port = free_port()
    state = tmp_path / "state"
    with open_mosquitto(tmp_path, port):
        running = serving(state, broker=f"mqtt://127.0.0.1:{port}")
        _, said, _box = running.__enter__()
        peer = Peer(state, "viewer")
        peer.wait(lambda t, _: t == "net/lyon/production/L1/press/count")
        peer.close()
    try:
        with open_mosquitto(tmp_path, port):
            peer = Peer(state, "viewer")
            _, shown = peer.wait(lambda t, _: t == "net/lyon/production/L1/press/state", 30)
            assert shown["change"] == "lyon.L1/0" and shown["seq"] == 1, "as it was"
            peer.wait(lambda t, c: t == "net/_twin/master" and c["deciding"] == "none")
            peer.wait(lambda t, c: t == "net/_twin/status" and c["state"] == "online")
            peer.close()
            assert any("connection lost" in line and "trying again" in line for line in said), said
            assert statefile.read(state).credentials.password, "OPC UA has a password where the broker has none"
    finally:
        running.__exit__(None, None, None)


@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_an_engine_finds_the_only_twin_of_a_broker_without_a_serve_json(tmp_path) -> None:
    port, said = free_port(), []
    url = f"mqtt://127.0.0.1:{port}"
    with open_mosquitto(tmp_path, port):
        with pytest.raises(ConnectionFailed, match="no twin announced itself"):
            run_engine(tmp_path / "elsewhere", url, feed=said.append)
        with serving(tmp_path / "state", broker=url) as (twin, _, _box):
            done = run_engine(tmp_path / "elsewhere", url, feed=said.append, stop=lambda: len(said) > 0)
    assert (done.epoch, done.replayed > 9, twin.calls) == (2, True, ["detach"]), (done, said)


# --- the whole of it ------------------------------------------------------------------------------------------------
RUN = [sys.executable, "-c", "from console.cli import main; main()"]


@contextmanager
def started(name: str, *args: str, log):
    with open(log, "wb") as out:
        process = subprocess.Popen([*RUN, name, *args], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()  # so that it ends its broker
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def watch_opcua(folder, plant: str, names: list[str], seen: dict, stop: threading.Event) -> None:
    """Subscribe to variables of one plant with an independent client; node id -> [(value, source time ms)]."""
    served = json.loads((folder / "serve.json").read_text())
    login = served["credentials"]
    certificate, key = opcua._self_signed("urn:test:client")
    (folder / "c.der").write_bytes(certificate.public_bytes(Encoding.DER))
    (folder / "k.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    client = Client(served["opcua"][plant], timeout=10)
    client.application_uri = "urn:test:client"
    client.set_user(login["username"])
    client.set_password(login["password"])
    await client.set_security(
        SecurityPolicyBasic256Sha256, str(folder / "c.der"), str(folder / "k.pem"),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )  # fmt: skip

    class Listener:
        def datachange_notification(self, node, value, data) -> None:
            stamp = data.monitored_item.Value.SourceTimestamp
            if stamp is not None:
                from datetime import UTC

                ms = round(stamp.replace(tzinfo=UTC).timestamp() * 1000)
                seen.setdefault(node.nodeid.Identifier, []).append((value, ms))

    async with client:
        subscription = await client.create_subscription(50, Listener())
        await subscription.subscribe_data_change([client.get_node(f"ns=2;s={name}") for name in names], queuesize=1000)
        seen["ready"] = []
        while not stop.is_set():
            await asyncio.sleep(0.02)


def until(what, log, wait_s: float = 60.0):
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {wait_s} s:\n" + "\n".join(p.read_text()[-3000:] for p in log))


def test_a_stop_at_lyon_is_answered_by_an_engine_in_another_process(tmp_path) -> None:
    log, engine_log = tmp_path / "serve.log", tmp_path / "engine.log"
    state = tmp_path / "state"
    args = ["line-stoppage", "--speed", "120x", "--skip", "7d 12:30", "--opcua-port", "0", "--state", str(state)]
    seen: dict = {}
    stop = threading.Event()
    names = [f"lyon.L1.press.{name}" for name in ("State", "StateChangeId")]
    with started("serve", *args, log=log) as twin:
        until((state / "serve.json").exists, [log])
        peer = Peer(state, "viewer", "three-plants/#")
        watcher = threading.Thread(target=lambda: asyncio.run(watch_opcua(state, "lyon", names, seen, stop)))
        watcher.start()
        try:
            with started("engine", "--state", str(state), log=engine_log) as engine:
                peer.wait(lambda t, c: t == "three-plants/_engine/status" and c["state"] == "online", 60)
                peer.wait(lambda t, c: t == "three-plants/_twin/master" and c["deciding"] == "outside")
                until(lambda: "ready" in seen, [log])
                told = subprocess.run(
                    [*RUN, "inject", "line-down", "lyon.L1", "--for", "3d", "--state", str(state)],
                    capture_output=True, text=True, timeout=60, check=False,
                )  # fmt: skip
                assert told.returncode == 0 and "injected-1" in told.stdout, told
                _, stopped = peer.wait(lambda t, _: t == "three-plants/lyon/_msg/line.stopped")
                assert stopped["data"]["line"] == "lyon.L1" and stopped["data"]["expected_ms"] == 3 * 86_400_000
                _, command = peer.wait(lambda t, c: "/_cmd/erp/" in t and c["epoch"] == 2, 60)
                ack = peer.ack(command["id"])
                assert ack["source"] == "erp" and ack["status"] == "done", ack
                topic = "three-plants/lyon/production/L1/press/state"
                _, down = peer.wait(lambda t, c: t == topic and c["value"] == "Aborted")
                shown = until(lambda: [s for s in seen.get(names[0], []) if s[0] == "Aborted"], [log])
                ids = dict(seen[names[1]])
                assert shown[0][1] == down["timestamp_ms"] == ids[down["change"]], "one id, one source time"
                engine.kill()
                engine.wait()
            peer.wait(lambda t, c: t == "three-plants/_engine/status" and c["state"] == "offline", 30)
            until(lambda: "the built-in engine decides again" in log.read_text(), [log])
        finally:
            stop.set()
            watcher.join(WAIT_S)
        broker = statefile.read(state).broker
        twin.send_signal(signal.SIGTERM)
        assert twin.wait(30) == 0, log.read_text()
        peer.close()
    text = log.read_text()
    assert "Traceback" not in text and "line-down lyon.L1 is injected-1" in text
    assert not (state / "serve.json").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(broker.rsplit(":", 1)[1]))) != 0, "the broker we started is ended"
