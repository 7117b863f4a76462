"""The scenarios that come with PlantSync, and how a scenario is found: by path, or by its name in the library."""

from functools import cache
from pathlib import Path

from scenarios.errors import Fault, InputError, listed, nearest

LIBRARY = Path(__file__).parents[1] / "library"


@cache
def library() -> dict[str, Path]:
    """The scenarios that come with PlantSync, by their `scenario:` key."""
    found = {}
    for path in sorted(LIBRARY.glob("*.yaml")):
        with path.open(encoding="utf-8") as lines:
            for text in lines:
                if text.startswith("scenario:"):
                    found[text.partition(":")[2].partition("#")[0].strip().strip("'\"")] = path
                    break
    return found


def find(name_or_path: str, at: Path | None = None) -> tuple[Path, str]:
    """(path, name for messages) of a scenario given by path or by its name in the library. Raises InputError."""
    path = (at or Path()) / name_or_path
    try:
        exists = bool(name_or_path) and path.exists()
    except (OSError, ValueError):
        exists = False
    if exists:
        return path, name_or_path
    names = library()
    if name_or_path in names:
        return names[name_or_path], names[name_or_path].name
    found = f"no such file, and no scenario in the library has this name. library: {listed(sorted(names))}"
    raise InputError([Fault(name_or_path, 1, 1, "", f"{found}{nearest(name_or_path, names)}")])
