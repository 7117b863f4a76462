"""Where a server listens: hosts, ports and URLs, closed by default beyond loopback."""

import ipaddress
import os
import socket
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from bridges.errors import ConnectionFailed
from bridges.wire.narration import Say, mute
from bridges.wire.statefile import Login
from sync.vocabulary.errors import Refused

LOOPBACK = "127.0.0.1"


class Endpoint(NamedTuple):
    """Where a broker listens. `str()` never shows the password."""

    host: str
    port: int
    tls: bool = False
    login: Login = Login()
    cafile: str = ""

    @property
    def url(self) -> str:
        """The URL without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def __str__(self) -> str:
        return self.url

    def as_role(self, login: Login) -> "Endpoint":
        return self._replace(login=login)


def is_loopback(host: str) -> bool:
    """True for `localhost` and loopback addresses; a name is never looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parse_url(url: str, *, insecure: bool = False, cafile: str = "", say: Say = mute) -> Endpoint:
    """`mqtt[s]://[user:password@]host[:port]`; user and password may come from PLANTSYNC_MQTT_USERNAME and _PASSWORD,
    which keeps them out of the process list.

    Raises Refused: a malformed URL, or another machine without TLS and credentials (unless `insecure`, said loudly).
    """
    malformed = Refused(f"--broker {_redacted(url)}: expected mqtt://HOST:PORT or mqtts://USER@HOST:PORT")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise malformed from None
    # a path, a query or a fragment may be a password with / ? or # in it that was not encoded
    rest = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in ("mqtt", "mqtts") or not host or port == 0 or rest:
        raise malformed
    tls = parts.scheme == "mqtts"
    username = unquote(parts.username or "") or os.environ.get("PLANTSYNC_MQTT_USERNAME", "")
    password = unquote(parts.password or "") or os.environ.get("PLANTSYNC_MQTT_PASSWORD", "")
    endpoint = Endpoint(host, port or (8883 if tls else 1883), tls, Login(username, password), cafile)
    if not is_loopback(endpoint.host) and not (tls and username):
        if not insecure:
            raise Refused(f"--broker {endpoint}: another machine needs mqtts:// and credentials, or --insecure")
        say(f"WARNING: {endpoint} is another machine, reached without TLS and credentials, because of --insecure")
    return endpoint


def free_port() -> int:
    """A loopback TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def check_free(port: int, who: str) -> None:
    """Raises ConnectionFailed when somebody else listens on loopback `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as fault:
            reason = (fault.strerror or str(fault)).lower()
            raise ConnectionFailed(f"{LOOPBACK}:{port} for {who}: {reason}. Give another port.") from None


def _redacted(url: str) -> str:
    """The URL without what stands before an `@`: it may hold a password, whatever else is wrong with it."""
    before, at, rest = url.rpartition("@")
    if not at:
        return url
    scheme = next((start for start in ("mqtt://", "mqtts://") if before.startswith(start)), "")
    return f"{scheme}***@{rest}"
