"""`serve.json`: where a serving twin is to be found and with which credentials; read by engine, inject and live.

Keys: broker, credentials, opcua {plant: url}, http (null), enterprise, speed, pid, start_epoch_ms.
`credentials` holds `username` and `password` of the operator (good for MQTT and OPC UA), and `roles`: twin, engine,
operator, viewer, each with its own for MQTT (empty ones when the broker takes anybody). The file is 0600 and written by
rename, so a reader never sees half of it.
"""

import os
from pathlib import Path
from socket import gethostname

import msgspec

from bridges.errors import ConnectionFailed
from sync.vocabulary.errors import Refused

NAME = "serve.json"
WATCHER = "mosquitto_sub"  # options of mosquitto_sub, beside serve.json: see `bridges.serve.invitation`


class Login(msgspec.Struct, frozen=True):
    username: str = ""
    password: str = ""


class Credentials(msgspec.Struct, frozen=True):
    """The operator's login, and every role's."""

    username: str
    password: str
    roles: dict[str, Login] = {}

    def role(self, name: str) -> Login:
        return self.roles.get(name, Login(self.username, self.password))

    def people(self) -> list[Login]:
        """Who may look at OPC UA: the operator, and the viewer when there is one."""
        return [
            who for who in dict.fromkeys([Login(self.username, self.password), self.role("viewer")]) if who.password
        ]


class ServeFile(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in serve.json. broker: `mqtt://host:port` without credentials; cafile: for mqtts, "" = system's.
    host: where `pid` is a process (containers may share the folder)."""

    broker: str
    credentials: Credentials
    opcua: dict[str, str]
    http: str | None = None
    enterprise: str
    speed: float
    pid: int
    start_epoch_ms: int
    cafile: str = ""
    scenario: str = ""
    insecure: bool = False
    host: str = ""


def private_folder(folder: Path) -> Path:
    """`folder`, made 0700 when it was not there. Raises Refused when it is none or cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise Refused(f"--state {folder}: {fault.strerror or fault}") from None
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in one rename. Raises Refused when the folder cannot be written."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        partial.replace(path)
    except OSError as fault:
        raise Refused(f"{path}: {fault.strerror or fault}") from None


def claim(folder: Path) -> None:
    """Make sure that no other serve uses `folder`. Raises Refused with its process id."""
    path = private_folder(folder) / NAME
    if not path.exists():
        return
    try:
        other = read(folder).pid
    except Refused:
        return  # unreadable: nobody can be using it
    if other != os.getpid() and _alive(other):
        raise Refused(f"{folder}: another serve (process {other}) uses this folder. Give this one its own --state DIR.")


def write(folder: Path, content: ServeFile) -> Path:
    path = folder / NAME
    write_private(path, msgspec.json.format(msgspec.json.encode(content), indent=2))
    return path


def read(folder: Path) -> ServeFile:
    """The serve.json of `folder`. Raises Refused when no twin is served there."""
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=ServeFile)
    except FileNotFoundError:
        raise Refused(f"{path}: not found. Start `plantsync serve SCENARIO --state {folder}` first.") from None
    except OSError as fault:
        raise Refused(f"{path}: {fault.strerror or fault}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Refused(f"{path}: not a serve.json of this version ({fault})") from None


def read_live(folder: Path) -> ServeFile:
    """As `read`, for whoever wants to talk to the twin. Raises ConnectionFailed when its process is gone."""
    served = read(folder)
    if served.host in ("", gethostname()) and not _alive(served.pid):
        again = f"Start `plantsync serve SCENARIO --state {folder}` again."
        raise ConnectionFailed(
            f"{folder / NAME}: the twin (process {served.pid}) is gone, killed without a goodbye. {again}"
        )
    return served


def remove(folder: Path) -> None:
    """Take serve.json, and what stands beside it, away when it is ours."""
    try:
        if read(folder).pid == os.getpid():
            (folder / NAME).unlink(missing_ok=True)
            (folder / WATCHER).unlink(missing_ok=True)
    except Refused:
        pass


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:  # killed, and its parent has not looked yet: a zombie
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True
