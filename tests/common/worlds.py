"""Small worlds for tests: a scenario from a few words of YAML, and a twin that has run."""

from collections.abc import Callable
from pathlib import Path

from plants.floor import words
from plants.floor.serial import SerialLine
from scenarios.files.loader import Loaded, load_scenario
from scenarios.twin.assembly import Twin, assemble

SCENARIO = """\
version: 1
scenario: small
network: network.yaml
horizon: {horizon}
warmup: {warmup}
seed: 5
{more}
"""


def load(folder: Path, network: str, horizon: str = "10d", warmup: str = "0d", more: str = "") -> Loaded:
    """Load a network and a scenario written into `folder`."""
    (folder / "network.yaml").write_text("version: 1\nnetwork: small\n" + network)
    (folder / "run.yaml").write_text(SCENARIO.format(horizon=horizon, warmup=warmup, more=more))
    return load_scenario(str(folder / "run.yaml"))


def ran(loaded: Loaded, way: str = "none", seed: int = 5, replication: int = 0) -> Twin:
    """The twin of a loaded scenario at its horizon, audited."""
    twin = assemble(loaded.scenario, way, seed, replication)
    twin.env.advance(loaded.scenario.horizon_s)
    twin.finish()
    return twin


def watched(twin: Twin, line_id: str = "north.L1") -> Callable[[], list[float]]:
    """From now on: a function giving the seconds at which pieces left the line so far, good or not."""
    line, seen = twin.network.lines[line_id], list[float]()
    if not isinstance(line, SerialLine):
        line.shop.on_piece.append(lambda *_: seen.append(twin.env.now))  # type: ignore[attr-defined]
        return lambda: seen
    line.floor.keep()

    def read() -> list[float]:
        records = line.floor.records()
        seen.extend(records[records["kind"] == words.OUT]["time"].tolist())
        return seen

    return read


LINE = """\
items: [{{id: PART, uom: pcs}}]
plants:
  - id: north
    lines:
      - id: L1
        supply: unlimited
        demand: unlimited
        buffers: {buffers}
        blocking: {blocking}
        machines:
{machines}
        makes: [{{item: PART}}]
"""


def line(machines: list[str], buffers: object = 0, blocking: str = "after-service") -> str:
    """The network of one saturated line; a machine is the inside of its YAML mapping without the id."""
    rows = "\n".join(f"          - {{id: M{n + 1}, {m}}}" for n, m in enumerate(machines))
    return LINE.format(buffers=buffers, blocking=blocking, machines=rows)
