"""Watch a twin that is being served: `plantsync live`, over MQTT, with the viewer's credentials of serve.json."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from bridges.errors import ConnectionFailed
from bridges.mqtt.client import Session
from bridges.wire import statefile
from bridges.wire.endpoint import parse_url

POLL_S = 0.25


def watch(
    state_dir: Path, topic: str, feed: Callable[[str, bytes], None], *, count: int | None = None,
    wait_s: float | None = None,
) -> int:  # fmt: skip
    """Give every packet of `topic` (MQTT wildcards; "" is everything of the twin) to `feed` until `count` have come,
    `wait_s` seconds have passed, or the broker goes away. Returns how many came.

    Raises Refused when nothing is served there, and ConnectionFailed when the broker cannot be reached any more.
    """
    served = statefile.read_live(Path(state_dir))
    endpoint = parse_url(served.broker, insecure=served.insecure, cafile=served.cafile)
    session = Session(
        endpoint.as_role(served.credentials.role("viewer")),
        f"live-{secrets.token_hex(4)}",
        subscribe=[(topic or f"{served.enterprise}/#", 1)],
    )
    seen = 0
    ends = None if wait_s is None else time.monotonic() + wait_s
    try:
        session.connect(retry_s=())
        while (count is None or seen < count) and (ends is None or time.monotonic() < ends):
            packet = session.get(POLL_S)
            if packet is not None:
                seen += 1
                feed(packet.topic, packet.payload)
            elif not session.connected:
                raise ConnectionFailed(f"broker {endpoint}: gone")
    finally:
        session.close()
    return seen
