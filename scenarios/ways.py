"""Ways of working: who reacts to a disruption. The one list, asked by files, runner, answers and console."""

from typing import Literal, get_args

Way = Literal["none", "fragmented", "synced"]
WAYS: tuple[Way, ...] = get_args(Way)
LABELS = {"none": "nobody reacts", "fragmented": "local planners", "synced": "the sync engine"}

# What is compared: the first way minus the second, the comparison that matters most in front.
PAIRS: tuple[tuple[str, str], ...] = (("synced", "none"), ("fragmented", "none"), ("synced", "fragmented"))
