"""The week of a calendar: `{mon-fri: "06:00-22:00", sat: ["06:00-10:00", "11:00-14:00"]}` to seven lists of windows."""

import re
from itertools import pairwise
from typing import Any

from scenarios.errors import nearest, show
from sync.vocabulary.errors import Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 1_440

_SHIFT = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\Z", re.ASCII)

Week = tuple[tuple[tuple[int, int], ...], ...]
Placed = tuple[int, int, tuple[str | int, ...]]  # a shift, and where it stands in the file


def as_week(value: Any) -> Week:
    """Seven tuples (Monday first) of (open, close) in minutes after midnight of the day a shift begins on; that of one
    over midnight closes on the next day, beyond 1,440.

    Refused for unknown days, shifts that overlap and a week that is never open; `sub` names the place.
    """
    if not isinstance(value, dict):
        raise Refused(f'{show(value)} is not a week. allowed: a mapping such as {{mon-fri: "06:00-22:00"}}')
    week: list[list[Placed]] = [[] for _ in DAYS]
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
                week[day].append((opens, closes if opens < closes else DAY_MIN + closes, sub))
    if not any(week):
        raise Refused("the calendar is never open. allowed: at least one shift")
    _follow(week)
    return tuple(_joined(shifts) for shifts in week)


def _follow(week: list[list[Placed]]) -> None:
    """Sort the shifts of each day. Refused where one begins before another has ended, on the next day too."""
    for shifts in week:
        shifts.sort(key=lambda w: w[:2])
    for day, shifts in enumerate(week):
        for (_, closes, _), (opens, _, sub) in pairwise(shifts):
            if opens < closes:
                raise Refused(f"shifts overlap on {DAYS[day]}. allowed: shifts that follow one another", sub)
        after = week[(day + 1) % 7]
        if shifts and after and after[0][0] + DAY_MIN < shifts[-1][1]:
            both = f"a shift of {DAYS[day]} overlaps one of {DAYS[(day + 1) % 7]}"
            raise Refused(f"{both}. allowed: shifts that follow one another", shifts[-1][2])


def by_day(week: Week) -> Week:
    """The same week cut at midnight: on which minutes of each day it is open."""
    days: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for day, shifts in enumerate(week):
        for opens, closes in shifts:
            days[day].append((opens, min(closes, DAY_MIN)))
            if closes > DAY_MIN:
                days[(day + 1) % 7].append((0, closes - DAY_MIN))
    return tuple(tuple(sorted(windows)) for windows in days)


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


def _joined(shifts: list[Placed]) -> tuple[tuple[int, int], ...]:
    """Shifts that touch are one."""
    joined: list[tuple[int, int]] = []
    for opens, closes, _ in shifts:
        if joined and opens == joined[-1][1]:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)
