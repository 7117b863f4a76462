"""Disturb a twin that is being served: `plantsync inject`, over MQTT, with the operator's credentials of serve.json."""

import secrets
from pathlib import Path

from bridges.errors import ConnectionFailed, Rejected
from bridges.mqtt.client import Session
from bridges.wire import codec, presence, statefile
from bridges.wire.codec import Packet
from bridges.wire.endpoint import parse_url
from sync.vocabulary.errors import Refused


def inject(
    state_dir: Path, kind: str, target: str, for_s: float | None = None, /, wait_s: float = 10.0, **extra: object
) -> str:
    """Disturb the twin that is served in `state_dir`. Returns the disruption's id. extra: the kind's own keys, as
    numbers or as a scenario file writes them ("5d").

    Raises Refused (what cannot be, with the reason, or nothing is served there) and ConnectionFailed.
    """
    if for_s is not None and not 0 < for_s <= presence.MAX_FOR_S:
        raise Refused(f"inject {kind} {target}: for: {for_s:g} s. allowed: above 0, at most {presence.MAX_FOR_S:g} s")
    served = statefile.read_live(Path(state_dir))
    topics = presence.Topics(served.enterprise)
    request = secrets.token_hex(6)
    try:
        codec.finite([for_s, extra])
        wish = presence.Injection(request=request, kind=kind, target=target, for_s=for_s, extra=dict(extra))
        payload = codec.encode(wish)
        codec.decode_as(presence.Injection, Packet(topics.inject, payload))
    except (Rejected, TypeError) as fault:
        raise Refused(f"inject {kind} {target}: {str(fault).removeprefix(topics.inject + ': ')}") from None
    endpoint = parse_url(served.broker, insecure=served.insecure, cafile=served.cafile)
    session = Session(
        endpoint.as_role(served.credentials.role("operator")),
        f"inject-{request}",
        subscribe=[(topics.injected(request), 1)],
    )
    try:
        session.connect(retry_s=())
        session.publish(Packet(topics.inject, payload))
        packet = session.get(wait_s)
    finally:
        session.close()
    if packet is None:
        raise ConnectionFailed(f"broker {endpoint}: the twin did not answer within {wait_s:g} s")
    answer = codec.decode_as(presence.Injected, packet)
    if answer.reason:
        raise Refused(f"inject {kind} {target}: {answer.reason}")
    return answer.disruption
