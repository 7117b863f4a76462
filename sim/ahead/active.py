"""Which machine floor is active, compiled or interpreted, and why.

The build leaves a record beside what it made (`_built`, by setup.py): the extensions, the compiler, and the SHA-256
of every source. An extension made of other sources than those that lie here is stale and not used. The environment
variable PLANTSYNC_FLOOR decides: `auto` (the default) takes the compiled floor where it is whole and says once when it
is stale, `compiled` raises when it cannot be had, `interpreted` never takes it. Both write the same traces.
"""

import os
import warnings
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.errors import FloorError

SWITCH = "PLANTSYNC_FLOOR"
WISHES = ("auto", "compiled", "interpreted")
REBUILD = "rebuild with 'make build', or install again"


@dataclass(frozen=True)
class Floor:
    """One of the two floors. why: the compiler and its tools when compiled, otherwise the reason it is interpreted."""

    compiled: bool
    why: str

    def __str__(self) -> str:
        return f"compiled with {self.why}" if self.compiled else f"interpreted: {self.why}"


def active() -> Floor:
    """The floor that a new environment gets. Raises FloorError for an unknown or impossible wish in PLANTSYNC_FLOOR."""
    wish = os.environ.get(SWITCH, "") or "auto"
    if wish not in WISHES:
        raise FloorError(f"{SWITCH} is '{wish}'. allowed: {', '.join(WISHES)}")
    if wish == "interpreted":
        return Floor(False, f"{SWITCH} asks for it")
    found = built()
    if wish == "compiled" and not found.compiled:
        raise FloorError(f"{SWITCH} asks for the compiled machine floor, but there is none: {found.why}")
    return found


@cache
def built() -> Floor:
    """What the build left here, whatever PLANTSYNC_FLOOR says: the compiled floor, or why it cannot be used."""
    try:
        record: Any = import_module("sim.ahead._built")
    except ModuleNotFoundError:
        return Floor(False, f"it was never built here; {REBUILD}")
    if record.WHY_NOT:
        return Floor(False, f"it could not be compiled ({record.WHY_NOT}); {REBUILD}")
    if changed := _changed(record.SOURCES):
        why = f"the compiled one is stale, {', '.join(changed)} changed since; {REBUILD}"
        warnings.warn(f"machine floor: {why}", RuntimeWarning, stacklevel=2)
        return Floor(False, why)
    try:
        for name in record.EXTENSIONS:
            import_module(name)
    except ImportError as fault:  # of another Python, or a shared library is missing
        return Floor(False, f"the compiled one does not load ({fault}); {REBUILD}")
    return Floor(True, str(record.COMPILED_WITH))


def _changed(sources: dict[str, str]) -> list[str]:
    """The sources lying here that are not those the extensions were made of."""
    root = Path(__file__).resolve().parents[2]
    return [
        name
        for name, digest in sources.items()
        if (root / name).is_file() and sha256((root / name).read_bytes()).hexdigest() != digest
    ]
