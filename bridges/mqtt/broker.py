"""The broker a twin uses: the one behind a URL, else a private mosquitto, else amqtt in process.

A private one listens on loopback only, refuses anonymous clients and knows four roles, each with a random password
and a list of what it may do:

    twin      everything below the enterprise              engine    reads all; commands, its messages, its status
    operator  reads all; inject and commands               viewer    reads all
"""

import asyncio
import atexit
import base64
import hashlib
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from bridges.errors import ConnectionFailed
from bridges.wire.codec import MAX_MASTER, NETWORK
from bridges.wire.endpoint import LOOPBACK, Endpoint, check_free, free_port, parse_url
from bridges.wire.narration import Say, mute
from bridges.wire.statefile import Credentials, Login, private_folder, write_private

ROLES = ("twin", "engine", "operator", "viewer")
START_S = 10.0  # how long a private broker may take to listen
PORT_TRIES = 5
PR_SET_PDEATHSIG = 1  # of Linux, sys/prctl.h
PID = "mosquitto.pid"
QUEUED = 100_000  # packets mosquitto keeps for a slow listener before it drops (its own default is 1,000)


class Broker(Protocol):
    """A broker to connect to. `close` ends what we started; a broker behind a URL is left alone."""

    kind: str
    endpoint: Endpoint
    credentials: Credentials

    def close(self) -> None: ...


def open_broker(
    url: str | None,
    folder: Path,
    enterprise: str,
    *,
    kind: str = "auto",
    port: int = 0,
    insecure: bool = False,
    say: Say = mute,
) -> Broker:
    """Use `url`, or start a private broker of `kind` (auto, mosquitto, amqtt) with its files in `folder`.

    port 0: any free one. Raises Refused and ConnectionFailed.
    """
    if url is not None:
        return _Outside(parse_url(url, insecure=insecure, say=say))
    program = find_mosquitto() if kind in ("auto", "mosquitto") else None
    if program is not None:
        return _started(lambda at: _Mosquitto(program, folder, enterprise, at), port)
    if kind == "mosquitto":
        raise ConnectionFailed("mosquitto is not installed (looked on PATH and in /usr/sbin). Use --broker URL.")
    try:
        import amqtt  # noqa: F401
    except ImportError:
        need = "install mosquitto, or `pip install amqtt`, or give --broker URL"
        raise ConnectionFailed(f"no MQTT broker: {need}") from None
    say("broker: amqtt, in this process: about 2,000 messages/s and no back-pressure. For more, install mosquitto.")
    return _started(lambda at: _Amqtt(folder, enterprise, at), port)


def find_mosquitto() -> str | None:
    """The mosquitto program: on PATH, else where Debian puts it, which is not on everybody's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def _started(start: Callable[[int], Broker], port: int) -> Broker:
    """Start on `port`, or on a free one: somebody may take it between our look and the start, so try again."""
    if port:
        check_free(port, "the broker")
        return start(port)
    for last in range(PORT_TRIES - 1, -1, -1):
        try:
            return start(free_port())
        except ConnectionFailed:
            if not last:
                raise
    raise AssertionError("unreachable")


def new_credentials() -> Credentials:
    """A random password of 192 bits for each role."""
    roles = {role: Login(role, secrets.token_urlsafe(24)) for role in ROLES}
    return Credentials(roles["operator"].username, roles["operator"].password, roles)


def rights(enterprise: str) -> dict[str, dict[str, list[str]]]:
    """role -> {"read": filters, "write": filters}; what is not named is denied."""
    everything = [f"{enterprise}/#"]
    commands = f"{enterprise}/+/_cmd/#"
    engine = [commands, f"{enterprise}/{NETWORK}/_msg/#", f"{enterprise}/_engine/#", f"{enterprise}/_twin/replay"]
    return {
        "twin": {"read": everything, "write": everything},
        "engine": {"read": everything, "write": engine},
        "operator": {"read": everything, "write": [commands, f"{enterprise}/_twin/inject"]},
        "viewer": {"read": everything, "write": []},
    }


def mosquitto_hash(password: str, salt: bytes | None = None) -> str:
    """A line's second half in mosquitto's password file: `$7$` = PBKDF2-HMAC-SHA512, 101 iterations (what
    mosquitto_passwd of 2.0 writes; our passwords are 192 random bits, so more iterations protect nothing)."""
    iterations, salt = 101, salt or secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, 64)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


class _Outside:
    """A broker behind a URL: one login for every role, and its own rules."""

    kind = "url"

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.credentials = Credentials(endpoint.login.username, endpoint.login.password)

    def close(self) -> None:
        """Nothing of it is ours."""


class _Mosquitto:
    """A mosquitto of our own: generated configuration, passwords and rights, all 0600."""

    kind = "mosquitto"

    def __init__(self, program: str, folder: Path, enterprise: str, port: int) -> None:
        self.credentials = new_credentials()
        self.endpoint = Endpoint(LOOPBACK, port)
        home = private_folder(folder / "broker").resolve()
        config = home / "mosquitto.conf"
        _end_left_over(home)
        lines = [f"{login.username}:{mosquitto_hash(login.password)}" for login in self.credentials.roles.values()]
        write_private(home / "passwords", ("\n".join(lines) + "\n").encode())
        write_private(home / "rights", self._acl(enterprise).encode())
        write_private(config, self._config(home, port).encode())
        # Its own session: Ctrl-C reaches us alone, and we end it when our last words are out.
        self._log = home / "mosquitto.log"
        write_private(self._log, b"")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                preexec_fn=_with_us(),  # noqa: PLW1509  # one call of a function that is loaded already
            )
        write_private(home / PID, str(self._process.pid).encode())
        atexit.register(self.close)
        try:
            _wait_for(port, lambda: self._process.poll() is None, "mosquitto", self._last_words)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _acl(enterprise: str) -> str:
        lines: list[str] = []
        for role, may in rights(enterprise).items():
            lines.append(f"user {role}")
            lines += [f"topic {how} {topic}" for how in ("read", "write") for topic in may[how]]
        return "\n".join(lines) + "\n"

    @staticmethod
    def _config(home: Path, port: int) -> str:
        lines = [
            "per_listener_settings false",
            f"listener {port} {LOOPBACK}",
            "allow_anonymous false",
            f"password_file {home / 'passwords'}",
            f"acl_file {home / 'rights'}",
            "persistence false",
            f"max_queued_messages {QUEUED}",
            f"message_size_limit {MAX_MASTER}",
            "max_connections 200",
            "sys_interval 0",
            "log_dest stderr",
            "log_type error",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it would become `mosquitto` and could not read our 0600 files
        return "\n".join(lines) + "\n"

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace")[-2000:].splitlines()
        return lines[-1] if lines else "it gave no reason"

    def close(self) -> None:
        """End the process we started, by its id, and wait for it."""
        atexit.unregister(self.close)
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class _Amqtt:
    """amqtt on its own thread and event loop, so that our pacing and its serving do not wait for each other."""

    kind = "amqtt"

    def __init__(self, folder: Path, enterprise: str, port: int) -> None:
        self.credentials = new_credentials()
        self.endpoint = Endpoint(LOOPBACK, port)
        self._config = self._write_config(private_folder(folder / "broker"), enterprise, port)
        self._loop = asyncio.new_event_loop()
        self._ready, self._fault = threading.Event(), ""
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="amqtt", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_S) or self._fault:
            raise ConnectionFailed(f"amqtt could not listen on {LOOPBACK}:{port}: {self._fault or 'no answer'}")

    def _write_config(self, home: Path, enterprise: str, port: int) -> dict[str, Any]:
        from pwdlib import PasswordHash
        from pwdlib.hashers.argon2 import Argon2Hasher

        # Light Argon2: the passwords are 192 random bits, and every client's connect pays for the hash.
        hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
        logins = self.credentials.roles.values()
        lines = [f"{login.username}:{hasher.hash(login.password)}" for login in logins]
        write_private(home / "passwords", ("\n".join(lines) + "\n").encode())
        may = rights(enterprise)
        return {
            "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}", "max_connections": 200}},
            "plugins": {
                "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(home / "passwords")},
                "amqtt.plugins.topic_checking.TopicAccessControlListPlugin": {
                    "publish_acl": {role: may[role]["write"] for role in ROLES},
                    "acl": {role: may[role]["read"] for role in ROLES},
                },
            },
        }

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as fault:
            self._fault = str(fault) or type(fault).__name__
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        import warnings

        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"amqtt\..*")
        from amqtt.broker import Broker as Amqtt

        for name in ("amqtt", "transitions"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._stop = asyncio.Event()
        broker = Amqtt(self._config)
        await broker.start()
        self._ready.set()
        await self._stop.wait()
        await broker.shutdown()

    def close(self) -> None:
        """Stop the broker and its thread."""
        if self._thread.is_alive() and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(5)


def _with_us() -> Callable[[], None] | None:
    """What a child does first on Linux: ask the kernel for a SIGTERM when we die, be it by SIGKILL. None elsewhere,
    where the next serve ends the left-over. The kernel means the thread that starts the child: it must live as long."""
    import ctypes

    try:
        prctl, we = ctypes.CDLL(None).prctl, os.getpid()
    except (OSError, AttributeError, TypeError):
        return None

    def die_with_parent() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != we:  # died before the kernel knew
            os._exit(1)

    return die_with_parent


def _end_left_over(home: Path) -> None:
    """End the mosquitto that a killed serve left behind: only when its command line names our configuration."""
    try:
        pid = int((home / PID).read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return
    if str(home / "mosquitto.conf").encode() in command:
        os.kill(pid, signal.SIGTERM)


def _wait_for(port: int, alive: Callable[[], bool], name: str, last_words: Callable[[], str]) -> None:
    """Until somebody listens on `port`. Raises ConnectionFailed when the process ended or START_S passed."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if not alive():
            raise ConnectionFailed(f"{name} ended at once on {LOOPBACK}:{port}: {last_words()}")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            listening = probe.connect_ex((LOOPBACK, port)) == 0
        time.sleep(0.02)
        if listening and alive():  # asked after a moment: a process that lost the port to another one is gone by now
            return
    raise ConnectionFailed(f"{name} does not listen on {LOOPBACK}:{port} after {START_S:g} s")
