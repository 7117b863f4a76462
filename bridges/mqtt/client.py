"""A session with an MQTT 3.1.1 broker: paho-mqtt, with a limit on everything and every drop counted.

Incoming packets wait in a bounded inbox until `drain` or `get` takes them on the caller's own thread; the network
thread never runs our logic. Outgoing: QoS 1 waits in paho's bounded queue, QoS 0 is refused beyond OUTBOX unsent.
After the first connection paho reconnects by itself, forever, with the plan that `say` was told.
"""

import threading
import time
from collections.abc import Sequence
from queue import Empty, Full, Queue
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bridges.errors import ConnectionFailed
from bridges.wire.codec import MAX_PAYLOAD, Packet
from bridges.wire.endpoint import Endpoint
from bridges.wire.narration import Say, mute

INBOX = 50_000  # packets received and not yet taken
OUTBOX = 20_000  # packets given to paho and not yet on the wire
INFLIGHT = 64  # unacknowledged QoS 1 publishes; paho scans them linearly, beyond 100 it gets slower
KEEPALIVE_S = 10
CONNECT_S = 5.0  # for the TCP connection, and again for the broker's answer
LINGER_S = 0.2  # amqtt acknowledges before it forwards, and forgets the rest when the publisher leaves at once
RETRY_S = (1, 2, 4)  # waits between the first attempts to connect
RECONNECT_S = (1, 30)  # then, for ever, doubling from the first to the second


class Session:
    """One client of one broker. Use it as a context manager, or call `connect` and `close`.

    birth: published (retained, QoS 1) at every connect; will: by the broker when we vanish; both on the same topic.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        client_id: str,
        *,
        subscribe: Sequence[tuple[str, int]] = (),
        birth: Packet | None = None,
        will: Packet | None = None,
        max_payload: int = MAX_PAYLOAD,
        say: Say = mute,
    ) -> None:
        self.endpoint = endpoint
        self.inbox: Queue[Packet] = Queue(INBOX)
        self.dropped_in = self.dropped_out = self.sent = self.received = self.reconnects = 0
        self._subscribe = list(subscribe)
        self._birth, self._will, self._say = birth, will, say
        self._max_payload = max_payload
        self._unsent = 0
        self._counting = threading.Lock()
        self._answered = threading.Event()
        self._answer = ""
        self._closing = False
        self._client = self._make_client(client_id)

    def _make_client(self, client_id: str) -> paho.Client:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv311)
        login = self.endpoint.login
        if login.username:
            client.username_pw_set(login.username, login.password)
        if self.endpoint.tls:
            client.tls_set(ca_certs=self.endpoint.cafile or None)
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, self._will.qos, self._will.retain)
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(INFLIGHT)
        client.max_queued_messages_set(OUTBOX)
        client.reconnect_delay_set(*RECONNECT_S)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        return client

    # --- connecting -------------------------------------------------------------------------------------------------
    def connect(self, timeout_s: float = CONNECT_S, retry_s: Sequence[float] = RETRY_S) -> "Session":
        """Connect and subscribe; the retry plan is said. Raises ConnectionFailed in one clear line."""
        fault = self._attempt(timeout_s)
        for number, wait_s in enumerate(retry_s, 1):
            if not fault:
                break
            self._say(f"broker {self.endpoint}: {fault}; attempt {number + 1} of {len(retry_s) + 1} in {wait_s:g} s")
            time.sleep(wait_s)
            fault = self._attempt(timeout_s)
        if fault:
            raise ConnectionFailed(f"broker {self.endpoint}: {fault} ({len(retry_s) + 1} attempts)")
        return self

    def _attempt(self, timeout_s: float) -> str:
        """ "" when connected, else what happened. Raises ConnectionFailed when trying again is of no use."""
        self._answered.clear()
        try:
            self._client.connect(self.endpoint.host, self.endpoint.port, KEEPALIVE_S)
        except (OSError, ValueError) as fault:
            return str(getattr(fault, "strerror", "") or fault).lower()
        self._client.loop_start()
        if self._answered.wait(timeout_s) and not self._answer:
            return ""
        self._client.loop_stop()
        self._client.disconnect()
        if self._answer:
            raise ConnectionFailed(f"broker {self.endpoint}: turned us away: {self._answer}")
        return f"no answer within {timeout_s:g} s"

    def __enter__(self) -> "Session":
        return self.connect()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        return self._client.is_connected()

    def close(self, last: Packet | None = None, timeout_s: float = 2.0) -> None:
        """Publish `last`, wait until the queues are out (at most timeout_s), and leave without the will."""
        if self._closing:
            return
        if last is not None and self.connected:
            self.publish(last)
        if self.flush(timeout_s) and self.sent and self.connected:
            time.sleep(LINGER_S)
        self._closing = True
        self._client.disconnect()
        self._client.loop_stop()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything given is on the wire (QoS 1: acknowledged). False: not within timeout_s."""
        end = time.monotonic() + timeout_s
        while self._unsent > 0 and self.connected and time.monotonic() < end:
            time.sleep(0.005)
        return self._unsent <= 0

    # --- sending and taking -------------------------------------------------------------------------------------------
    def publish(self, packet: Packet) -> bool:
        """Hand a packet over. False: dropped and counted (queue full, or QoS 0 while disconnected)."""
        with self._counting:
            if self._unsent >= OUTBOX:
                self.dropped_out += 1
                return False
            self._unsent += 1
        info = self._client.publish(packet.topic, packet.payload, packet.qos, packet.retain)
        waits_for_reconnect = info.rc == paho.MQTT_ERR_NO_CONN and packet.qos > 0
        if info.rc != paho.MQTT_ERR_SUCCESS and not waits_for_reconnect:
            with self._counting:
                self._unsent -= 1
                self.dropped_out += 1
            return False
        self.sent += 1
        return True

    def subscribe(self, *filters: tuple[str, int]) -> None:
        """Subscribe now and at every reconnect."""
        self._subscribe.extend(filters)
        self._client.subscribe(list(filters))

    def get(self, timeout_s: float) -> Packet | None:
        """The next packet, None when there is none within timeout_s."""
        try:
            return self.inbox.get(timeout=timeout_s) if timeout_s > 0 else self.inbox.get_nowait()
        except Empty:
            return None

    def drain(self, limit: int = 1000) -> list[Packet]:
        """What waits, at most `limit` packets."""
        packets: list[Packet] = []
        while len(packets) < limit and (packet := self.get(0)) is not None:
            packets.append(packet)
        return packets

    # --- paho's callbacks, on its network thread --------------------------------------------------------------------
    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        self._answer = str(reason).lower() if reason.is_failure else ""
        if not reason.is_failure:
            if self._subscribe:
                client.subscribe(self._subscribe)
            if self._birth is not None:
                with self._counting:
                    self._unsent += 1
                client.publish(self._birth.topic, self._birth.payload, 1, True)
            if self._answered.is_set():
                self.reconnects += 1
                self._say(f"broker {self.endpoint}: connected again")
        self._answered.set()

    def _on_disconnect(self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        if not self._closing and self._answered.is_set() and not self._answer:
            plan = f"trying again after {RECONNECT_S[0]} s, then doubling up to every {RECONNECT_S[1]} s"
            self._say(f"broker {self.endpoint}: connection lost ({str(reason).lower()}); {plan}")
        with self._counting:
            self._unsent = 0  # QoS 0 is gone; paho sends QoS 1 again and answers below zero are cut

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if not any(paho.topic_matches_sub(wanted, message.topic) for wanted, _ in self._subscribe):
            return  # amqtt sends whoever connects the retained packets of everybody's subscriptions
        self.received += 1
        payload = bytes(message.payload[: self._max_payload + 1])  # one byte too many: the decoder sees and says so
        try:
            self.inbox.put_nowait(Packet(message.topic, payload, message.qos, message.retain))
        except Full:
            self.dropped_in += 1

    def _on_publish(self, _client: paho.Client, _data: Any, _mid: int, _reason: Any, _props: Any) -> None:
        with self._counting:
            self._unsent = max(self._unsent - 1, 0)
