"""The week of a calendar: `{mon-fri: "06:00-22:00", sat: ["06:00-10:00", "11:00-14:00"]}` to seven lists of windows."""

import re
from typing import Any

from scenarios.errors import nearest, show
from sync.vocabulary.errors import Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 1_440

_SHIFT = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\Z", re.ASCII)

Week = tuple[tuple[tuple[int, int], ...], ...]


def as_week(value: Any) -> Week:
    """Seven tuples (Monday first) of (open, close) in minutes after midnight. A shift over midnight is split.

    Refused for unknown days, shifts that overlap and a week that is never open; `sub` names the place.
    """
    if not isinstance(value, dict):
        raise Refused(f'{show(value)} is not a week. allowed: a mapping such as {{mon-fri: "06:00-22:00"}}')
    week: list[list[tuple[int, int, tuple[str | int, ...]]]] = [[] for _ in DAYS]
    given: dict[int, str] = {}
    for key, shifts in value.items():
        try:
            days = as_days(key)
        except Refused as refusal:
            raise refusal.below(key) from None
        for day in days:
            if day in given:
                raise Refused(f"{DAYS[day]} is in '{given[day]}' and in '{key}'. allowed: each day once", (key,))
            given[day] = key
        for n, shift in enumerate(shifts if isinstance(shifts, list) else [shifts]):
            sub = (key, n) if isinstance(shifts, list) else (key,)
            try:
                opens, closes = as_shift(shift)
            except Refused as refusal:
                raise refusal.below(*sub) from None
            for day in days:
                if opens < closes:
                    week[day].append((opens, closes, sub))
                else:
                    week[day].append((opens, DAY_MIN, sub))
                    if closes:
                        week[(day + 1) % 7].append((0, closes, sub))
    if not any(week):
        raise Refused("the calendar is never open. allowed: at least one shift")
    return tuple(_sorted(n, windows) for n, windows in enumerate(week))


def as_days(key: str) -> list[int]:
    """`mon`, `mon-fri`, `sat-mon`, `mon,wed` as weekday numbers from Monday 0."""
    days: list[int] = []
    for part in key.split(","):
        ends = [p.strip().lower() for p in part.split("-")]
        for end in ends:
            if end not in DAYS:
                allowed = f"{', '.join(DAYS)} or a range such as mon-fri"
                raise Refused(f"{show(key)} is not a weekday. allowed: {allowed}{nearest(end, DAYS)}")
        if len(ends) > 2:
            raise Refused(f"{show(key)} is not a range of days. allowed: two ends, as mon-fri")
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        days += [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return days


def as_shift(value: Any) -> tuple[int, int]:
    """(open, close) in minutes after midnight; close at or before open means the next day."""
    allowed = 'a shift such as "06:00-22:00", or 24h'
    if value == "24h":
        return 0, DAY_MIN
    match = _SHIFT.match(value.strip()) if isinstance(value, str) else None
    if not match:
        raise Refused(f"{show(value)} is not a shift. allowed: {allowed}")
    h1, m1, h2, m2 = map(int, match.groups())
    opens, closes = 60 * h1 + m1, 60 * h2 + m2
    if m1 > 59 or m2 > 59 or opens >= DAY_MIN or closes > DAY_MIN:
        raise Refused(f"{show(value)} has a time that does not exist. allowed: {allowed}")
    if opens == closes:
        raise Refused(f"{show(value)} has no length. allowed: {allowed}")
    return opens, closes


def _sorted(day: int, windows: list[tuple[int, int, tuple[str | int, ...]]]) -> tuple[tuple[int, int], ...]:
    windows.sort(key=lambda w: w[:2])
    merged: list[tuple[int, int]] = []
    for opens, closes, sub in windows:
        if merged and opens < merged[-1][1]:
            raise Refused(f"shifts overlap on {DAYS[day]}. allowed: shifts that follow one another", sub)
        if merged and opens == merged[-1][1]:
            merged[-1] = (merged[-1][0], closes)
        else:
            merged.append((opens, closes))
    return tuple(merged)
