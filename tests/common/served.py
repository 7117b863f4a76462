"""A scripted twin, served; an independent client of its broker; a broker of somebody else's."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bridges.mqtt.broker import find_mosquitto
from bridges.serve.options import Options
from bridges.serve.serving import Serving
from bridges.serve.twin import Subject
from plants.errors import InvariantViolation
from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack
from sync.vocabulary.master import MasterData
from sync.vocabulary.messages import Message
from sync.vocabulary.policy import Policy

WAIT_S = 20.0
START = 1_767_571_200_000  # 2026-01-05T00:00Z
SUBJECT = Subject("fake", "net", START, warmup_s=0.0, horizon_s=1e7, fatal=(InvariantViolation,))
DATA = {"order": "TO-1", "quantity": 3}


class FakeEnv:
    def __init__(self) -> None:
        self.now = 0.0
        self.due = []  # (at_s, what), sorted

    def advance(self, until_s: float) -> None:
        while self.due and self.due[0][0] <= until_s:
            self.now, what = self.due.pop(0)
            what()
        self.now = until_s


class FakeTwin:
    """One machine that counts once a second from second 100 on, one MES that says so every ten."""

    def __init__(self) -> None:
        self.env, self.master = FakeEnv(), MasterData("net", "EUR", 1, {}, (), (), (), ())
        self.policy = Policy()
        self.posted, self.commands, self.calls = [], [], []
        self.changed, self.said, self.ordered, self.answered = [], [], [], []
        self.env.due = [(float(n), lambda n=n: self._tick(n)) for n in range(1, 4000)]

    def _tick(self, n: int) -> None:
        for tell in self.changed:
            tell(Change(f"lyon.L1/{n}", n * 1000, "lyon.L1.press.count", n))
        if n % 10 == 0:
            data = {"order": "PO-1", "quantity": n}
            for tell in self.said:
                tell(Message(id=f"lyon.mes/{n // 10}", source="lyon.mes", type="production_order.changed",
                             subject="PO-1", time_ms=n * 1000, data=data, sequence=n // 10))  # fmt: skip

    def takes_commands(self):
        return ("erp",)

    def signals(self):
        return {"lyon": ["lyon.L1.press.state", "lyon.L1.press.count"]}

    def on_change(self, tell):
        self.changed.append(tell)
        tell(Change("lyon.L1/0", 0, "lyon.L1.press.state", "down"))

    def on_message(self, tell):
        self.said.append(tell)

    def on_command(self, tell):
        self.ordered.append(tell)

    def on_ack(self, tell):
        self.answered.append(tell)

    def command(self, command):
        self.commands.append(command)
        for tell in self.ordered:
            tell(command)
        for tell in self.answered:
            tell(Ack(command=command.id, source="erp", time_ms=int(self.env.now * 1000), status="done"))

    def post(self, message):
        self.posted.append(message)
        for tell in self.said:
            tell(message)

    def inject(self, kind, target, for_s=None, **extra):
        if target != "lyon.L1":
            raise ValueError(f"there is no line {target}. did you mean lyon.L1?")
        self.calls.append((kind, target, for_s, extra))
        return f"injected-{len(self.calls)}"

    def attach_engine(self, epoch):
        self.calls.append(f"attach, epoch {epoch}")

    def detach_engine(self):
        self.calls.append("detach")


class Peer:
    """An independent client: paho alone, nothing of ours."""

    def __init__(self, folder, role: str, *filters: str) -> None:
        served = json.loads((folder / "serve.json").read_text())
        login = served["credentials"]["roles"][role]
        host, port = served["broker"].removeprefix("mqtt://").split(":")
        self.seen: list[tuple[str, bytes, bool]] = []
        self.ready = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self.client.username_pw_set(login["username"], login["password"])
        self.client.on_connect = lambda c, *_: c.subscribe([(f, 1) for f in filters or ("net/#",)])
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = lambda _c, _d, m: self.seen.append((m.topic, bytes(m.payload), m.retain))
        self.client.connect(host, int(port))
        self.client.loop_start()
        assert self.ready.wait(WAIT_S)

    def send(self, topic: str, content: object, retain: bool = False) -> None:
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.client.publish(topic, payload, 1, retain).wait_for_publish(WAIT_S)

    def wait(self, what, wait_s: float = WAIT_S):
        """The first (topic, decoded payload) for which `what(topic, payload)` is true."""
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            for topic, payload, _ in list(self.seen):
                try:
                    content = json.loads(payload)
                except ValueError:
                    continue
                if what(topic, content):
                    return topic, content
            time.sleep(0.02)
        raise AssertionError(f"not seen within {wait_s} s; topics: {sorted({t for t, _, _ in self.seen})[:40]}")

    def ack(self, command_id: str):
        return self.wait(lambda t, c: "/_ack/" in t and c["command"] == command_id)[1]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def serving(folder, twin=None, **kwargs):
    """A scripted twin, served from a thread of its own."""
    twin, said, box = twin or FakeTwin(), [], {}
    options = Options(speed=20.0, opcua_port=0, state_dir=folder, **{"engine": "none", "skip_s": 105.0, **kwargs})

    async def go() -> None:
        box["serving"], box["loop"] = Serving(twin, SUBJECT, options, said.append), asyncio.get_running_loop()
        box["served"] = await box["serving"].run()

    def body() -> None:
        try:
            asyncio.run(go())
        except Exception as fault:
            box["fault"] = fault

    thread = threading.Thread(target=body)
    thread.start()
    end = time.monotonic() + WAIT_S
    while not (folder / "serve.json").exists() and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.02)
    try:
        yield twin, said, box
    finally:
        if thread.is_alive():
            box["loop"].call_soon_threadsafe(box["serving"].stopping.set)
        thread.join(WAIT_S)
        assert not thread.is_alive() and "fault" not in box, box.get("fault")


def kinds() -> list[str]:
    return (["mosquitto"] if find_mosquitto() else []) + ["amqtt"]


def wish(id_: str, **kwargs):
    usual = {"id": id_, "target": "erp", "type": "transfer_order.reduce", "time_ms": 0, "not_after_ms": -1, "epoch": 1}
    return {**usual, "data": DATA, **kwargs}


TOPIC = "net/_network/_cmd/erp/transfer_order.reduce"
