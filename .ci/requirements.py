"""What pyproject.toml asks for, one requirement a line: `build`, or `newest`: everything, upper bounds lifted."""

import re
import sys
import tomllib

with open("pyproject.toml", "rb") as file:
    ASKED = tomllib.load(file)
BUILD = ASKED["build-system"]["requires"]
EXTRAS = ASKED["project"]["optional-dependencies"]
EVERYTHING = [*BUILD, *ASKED["project"]["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]


def lifted(requirement: str) -> str:
    """Without upper bounds: `asyncua>=1.1.6,<2.2` is `asyncua>=1.1.6`."""
    return re.sub(r",?\s*<=?\s*[\w.]+", "", requirement)


if sys.argv[1:] == ["build"]:
    print(*BUILD, sep="\n")
elif sys.argv[1:] == ["newest"]:
    print(*sorted({lifted(one) for one in EVERYTHING if not one.startswith("plantsync[")}), sep="\n")
else:
    sys.exit("usage: python .ci/requirements.py build|newest")
