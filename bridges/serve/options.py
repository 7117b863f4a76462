"""How to serve a twin, what cannot be, and what a serving came to."""

import math
from dataclasses import dataclass
from pathlib import Path

from sync.vocabulary.errors import Refused

MAX_SPEED = 1e6


@dataclass
class Options:
    """How to serve. speed: virtual seconds per wall second. port 0: any free ones. Times in seconds.
    skip_s None: the first shift after the warm-up; until_s None: the horizon."""

    speed: float = 1.0
    broker: str | None = None
    broker_kind: str = "auto"
    opcua_port: int = 4840
    state_dir: Path = Path(".plantsync")
    engine: str = "builtin"
    insecure: bool = False
    skip_s: float | None = None
    until_s: float | None = None


@dataclass
class Served:
    """What a serving came to. reason: horizon | interrupted."""

    reason: str
    now_ms: int
    wall_s: float
    changes: int
    messages: int
    commands: int
    refused: int
    dropped: int
    max_lag_ms: int
    lag_ms_p99: int


def check(options: Options, horizon_s: float) -> None:
    """Raises Refused for options that cannot be."""
    if not (math.isfinite(options.speed) and 0 < options.speed <= MAX_SPEED):
        raise Refused(f"--speed {options.speed:g}: a factor above 0 and at most {MAX_SPEED:g} is allowed")
    if options.engine not in ("builtin", "none"):
        raise Refused(f"--engine {options.engine}: builtin or none")
    if options.skip_s is not None and not 0 <= options.skip_s < horizon_s:
        raise Refused(f"--skip {_text(options.skip_s)}: the horizon is {_text(horizon_s)}")
    if not 0 <= options.opcua_port <= 65_535:
        raise Refused(f"--opcua-port {options.opcua_port}: 1 to 65535, or 0 for any free ones")
    check_end(options, options.skip_s or 0.0)


def check_end(options: Options, first_s: float) -> None:
    """Raises Refused when the serving would end before `first_s`, where it begins."""
    if options.until_s is not None and not options.until_s > first_s:
        begins = "the first shift after the warm-up, see --skip" if options.skip_s is None else "--skip"
        begins = begins if first_s else "the beginning"
        raise Refused(
            f"--until {_text(options.until_s)}: nothing is left to serve. allowed: after {_text(first_s)} ({begins})"
        )


def _text(time_s: float) -> str:
    """As it is written on the command line: `14d 08:00`, or to the second."""
    if not math.isfinite(time_s) or time_s < 0 or time_s % 60:
        return f"{time_s:g} s"
    days, rest = divmod(time_s, 86_400)
    return f"{days:.0f}d {rest // 3600:02.0f}:{rest % 3600 // 60:02.0f}"
