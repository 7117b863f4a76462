"""Times of the wall clock: a day and hour, or a day counted from the start, in the network's time zone.

`14d 08:00` is eight o'clock on the fourteenth day after the start's date, whatever the hour of the start and the clock
changes between. A local time that does not exist is the instant after the gap; one that comes twice is the first.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.errors import show
from scenarios.files.units import AT, LONGEST_S, seconds
from sync.vocabulary.errors import Refused

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_OTHER_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", re.ASCII)
ALLOWED = "a duration since the start (1d 08:00), a date (2026-01-07) or a date and time (2026-01-07T08:00)"


@dataclass(frozen=True)
class Clock:
    """The start of a run, as a scenario writes it, and the IANA zone of its network."""

    start: str = "2026-01-05T00:00"
    zone: str = "UTC"

    def since_start(self, local: datetime) -> float:
        """Seconds from the start to a local time, or to an aware one."""
        zone = ZoneInfo(self.zone)
        begun = _instant(datetime.fromisoformat(self.start), zone)
        return (_instant(local, zone) - begun).total_seconds()

    def on_day(self, days: int, hour: int, minute: int) -> float:
        """Seconds from the start to a clock time on the n-th day after its date."""
        day = datetime.fromisoformat(self.start).replace(hour=0, minute=0, second=0)
        return self.since_start(day + timedelta(days=days, hours=hour, minutes=minute))


DEFAULT = Clock()


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a local time, in UTC."""
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    there = local.replace(tzinfo=zone).astimezone(UTC)
    if there.astimezone(zone).replace(tzinfo=None) == local:
        return there
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)  # the gap lies between the two readings
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, int((there - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        same = (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset
        low, high = (middle + 1, high) if same else (low, middle)
    return before + timedelta(seconds=low)


def as_start(value: Any) -> str:
    """A local date and time, YYYY-MM-DDTHH:MM."""
    text = str(value)
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?", text, re.ASCII):
        raise Refused(f"{show(value)} is not a start. allowed: a local time such as 2026-01-05T00:00")
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{show(value)} is not a time that exists. allowed: such as 2026-01-05T00:00") from None
    if not 1970 <= start.year <= 9000:
        raise Refused(f"year {start.year} is out of range. allowed: 1970 to 9000")
    return text if "T" in text else text + "T00:00"


@lru_cache(maxsize=8192)
def instant(text: str, clock: Clock) -> float:
    """Seconds since the start: a duration, or whole days and a clock time. Refused for what lies before the start."""
    match = AT.match(text)
    if not match:
        return seconds(text)
    hour, minute = int(match[2]), int(match[3])
    if hour > 23 or minute > 59:
        raise Refused(f"'{match[2]}:{match[3]}' is not a time of day. allowed: 00:00 to 23:59")
    days = seconds(match[1])
    if days % 86_400:
        raise Refused(f"{show(text)} adds a clock time to part of a day. allowed: whole days and a time, as 14d 08:00")
    return _after_start(clock.on_day(int(days // 86_400), hour, minute), text, clock)


@lru_cache(maxsize=8192)
def moment(text: str, clock: Clock) -> float:
    """Seconds since the start: as `instant`, or an ISO date (its midnight) or date and time."""
    if not _DATE.match(text):
        if _OTHER_DATE.match(text):
            raise Refused(f"{show(text)} is not a date as ISO 8601 writes it. allowed: {ALLOWED}")
        if text.replace(".", "", 1).isdigit() and text.strip("0."):
            raise Refused(f"{show(text)} is a number without a unit. allowed: {ALLOWED}")
        return instant(text, clock)
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{show(text)} is not a date that exists. allowed: {ALLOWED}") from None
    return _after_start(clock.since_start(local), text, clock)


def _after_start(since: float, text: str, clock: Clock) -> float:
    if since < 0:
        raise Refused(f"{show(text)} is before the start, {clock.start} in {clock.zone}. allowed: from the start on")
    if since > LONGEST_S:
        raise Refused(f"{show(text)} is too far off. allowed: at most 100 years after the start, {clock.start}")
    return since
