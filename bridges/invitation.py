"""What a serving twin prints for people to paste into another terminal. Passwords stay in serve.json."""

from pathlib import Path

from bridges.mqtt import parse_url
from bridges.statefile import ServeFile


def invitation(written: ServeFile, path: Path, signals: dict[str, list[str]]) -> list[str]:
    """What to paste into another terminal. Passwords stay in the file."""
    endpoint = parse_url(written.broker, insecure=True)
    folder = path.parent
    find = f"json.load(open('{path}'))['credentials']"
    user = written.credentials.role("viewer").username
    role = "roles']['viewer']['password" if "viewer" in written.credentials.roles else "password"
    login = f"""-u {user} -P "$(python3 -c "import json; print({find}['{role}'])")" """ if user else ""
    plant, url = next(iter(written.opcua.items()), ("", ""))
    node = next(iter(signals.get(plant, [])), "")
    lines = [
        f"serving {written.scenario} at {written.speed:g}x: MQTT {written.broker}, {len(written.opcua)} OPC UA servers",
        f"  plantsync live --state {folder} '{written.enterprise}/+/_msg/#'",
        f"  mosquitto_sub -h {endpoint.host} -p {endpoint.port} {login}-t '{written.enterprise}/#' -v",
        f"  OPC UA: {url} (Basic256Sha256, SignAndEncrypt; user and password in {path}), for example {node}",
        f"  plantsync engine --state {folder} --broker {written.broker}",
    ]
    lines += [f"  plantsync inject line-down {_a_line(signals)} --for 3d --state {folder}"]
    return lines


def _a_line(signals: dict[str, list[str]]) -> str:
    return next((".".join(names[0].split(".")[:2]) for names in signals.values() if names), "PLANT.LINE")
