"""What a serving twin prints for people to paste into another terminal. Passwords stay in 0600 files."""

from pathlib import Path
from shlex import quote

from bridges.wire.endpoint import Endpoint
from bridges.wire.statefile import ServeFile


def invitation(written: ServeFile, path: Path, signals: dict[str, list[str]]) -> list[str]:
    """The lines of it."""
    folder = quote(str(path.parent))
    plant, url = next(iter(written.opcua.items()), ("", ""))
    node = next(iter(signals.get(plant, [])), "")
    everything = quote(f"{written.enterprise}/#")
    messages = quote(f"{written.enterprise}/+/_msg/#")
    return [
        f"serving {written.scenario} at {written.speed:g}x: MQTT {written.broker}, {len(written.opcua)} OPC UA servers",
        f"  plantsync live --state {folder} {messages}",
        f"  XDG_CONFIG_HOME={folder} mosquitto_sub -t {everything} -v",
        f"  OPC UA: {url} (Basic256Sha256, SignAndEncrypt; user and password in {path}), for example {node}",
        f"  plantsync engine --state {folder}",
        f"  plantsync inject line-down {_a_line(signals)} --for 3d --state {folder}",
    ]


def watcher_options(endpoint: Endpoint) -> bytes:
    """What mosquitto_sub reads from $XDG_CONFIG_HOME/mosquitto_sub, one option per line: a password on its command line
    would stand in the process list."""
    lines = [f"-h {endpoint.host}", f"-p {endpoint.port}"]
    if endpoint.login.username:
        lines += [f"-u {endpoint.login.username}", f"-P {endpoint.login.password}"]
    if endpoint.tls:
        lines.append(f"--cafile {endpoint.cafile}" if endpoint.cafile else "--tls-use-os-certs")
    return "".join(f"{line}\n" for line in lines).encode()


def _a_line(signals: dict[str, list[str]]) -> str:
    return next((".".join(names[0].split(".")[:2]) for names in signals.values() if names), "PLANT.LINE")
