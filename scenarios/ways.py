"""Ways of working: who reacts to a disruption. The one list, asked by files, runner, answers and console."""

from collections.abc import Iterable
from typing import Literal, get_args

Way = Literal["none", "fragmented", "synced"]
WAYS: tuple[Way, ...] = get_args(Way)
LABELS = {"none": "nobody reacts", "fragmented": "local planners", "synced": "the sync engine"}

# What is compared: the first way minus the second, the comparison that matters most in front.
PAIRS: tuple[tuple[str, str], ...] = (("synced", "none"), ("fragmented", "none"), ("synced", "fragmented"))


def judged(ways: Iterable[str]) -> str:
    """The way that counts where one stands for a run (thresholds, pictures, --fail-if): `synced` when it was run, else
    the last of them. At least one is needed."""
    ways = tuple(ways)
    return "synced" if "synced" in ways else ways[-1]
