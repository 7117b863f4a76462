"""Which plantsync this is, and which versions of what it stands on: written into every run."""

import sys
from importlib import metadata

NEEDED = (
    *("simpy", "numpy", "cython", "networkx", "asyncua", "paho-mqtt", "click", "pydantic", "msgspec", "PyYAML", "rich"),
    *("highspy", "xxhash", "pyarrow", "cryptography", "tzdata"),
)


def versions() -> dict[str, str]:
    """plantsync, Python and every dependency that a result can depend on."""
    return {"plantsync": own_version(), "python": sys.version.split()[0], **dependencies()}


def dependencies() -> dict[str, str]:
    """Each needed distribution's version, "" where it is not installed."""
    found = {}
    for name in NEEDED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def own_version() -> str:
    """As the installed package says it."""
    try:
        return metadata.version("plantsync")
    except metadata.PackageNotFoundError:
        return "0 (not installed)"
