"""Shifts: the day they belong to, holidays, local times that do not exist or exist twice, and calendars without end."""

import random
import time
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plants.definition import LineSpec, MachineSpec, MakeSpec
from plants.floor.design import design
from plants.shifts import INFINITY, Calendar, Shifts, instant_of
from scenarios.files.weeks import as_week, by_day
from sim.streams import Streams, constant
from sync.vocabulary.errors import Refused
from tests.common.worlds import load, ran

H = 3600.0


def _calendar(week: dict[str, object], zone: str = "UTC", holidays: tuple[date, ...] = ()) -> Calendar:
    return Calendar("c", as_week(week), holidays, zone)


def _open(
    week: dict[str, object], start: str, hours: float, zone: str = "UTC", *holidays: str
) -> list[tuple[float, float]]:
    """Windows in hours since `start`, local time, that begin within so many hours."""
    calendar = _calendar(week, zone, tuple(date.fromisoformat(d) for d in holidays))
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    return [(a / H, b / H) for a, b in Shifts.of(calendar, begin).until(hours * H)]


# --- the day a shift belongs to ---------------------------------------------------------------------------------------
def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    nights = {"mon-fri": "22:00-06:00"}
    assert _open(nights, "2026-01-05", 49) == [(22, 30), (46, 54)]
    assert _open(nights, "2026-01-05", 49, "UTC", "2026-01-06") == [(22, 30)]  # Tuesday: Monday's night goes on into it
    assert _open(nights, "2026-01-05", 49, "UTC", "2026-01-05") == [(46, 54)]  # Monday's night is off, Tuesday's is not
    assert _open(nights, "2026-01-05", 24 * 8, "UTC", "2026-01-09") == [
        (22, 30), (46, 54), (70, 78), (94, 102), (190, 198),
    ]  # fmt: skip
    assert _open(nights, "2026-01-06T03:00", 30) == [(0, 3), (19, 27)]  # it starts in the middle of Monday's
    assert _open({"sat": "22:00-02:30"}, "2026-01-05", 24 * 7) == [(142, 146.5)]
    assert _open({"sun": "20:00-04:00"}, "2026-01-05", 24) == [(0, 4)]  # of the Sunday before


def test_shifts_that_touch_are_one_and_a_week_without_a_gap_never_ends() -> None:
    assert _open({"mon": ["06:00-14:00", "14:00-22:00", "22:00-06:00"], "tue": "06:00-08:00"}, "2026-01-05", 100) == [
        (6, 32)
    ]
    for week in ({"mon-sun": "24h"}, {"mon-sun": ["06:00-14:00", "14:00-22:00", "22:00-06:00"]}):
        assert _open(week, "2026-01-05", 100) == [(0, INFINITY)]
    assert _open({"mon-sun": "24h"}, "2026-01-05", 100, "UTC", "2026-01-07") == [(0, 48), (72, INFINITY)]
    nights = {"mon-sun": ["06:00-14:00", "14:00-22:00", "22:00-06:00"]}
    assert _open(nights, "2026-01-05", 100, "UTC", "2026-01-07") == [(0, 54), (78, INFINITY)]


def test_a_week_is_cut_at_midnight_where_days_are_compared() -> None:
    week = as_week({"sat": "22:00-02:30", "sun": "10:00-11:00"})
    assert week[5] == ((1320, 1590),) and by_day(week)[5:] == (((1320, 1440),), ((0, 150), (600, 660)))
    assert by_day(as_week({"sun": "23:00-01:00"}))[0] == ((0, 60),)


@pytest.mark.parametrize(
    "week", [{"mon": "22:00-07:00", "tue": "06:00-14:00"}, {"sun": "22:00-07:00", "mon": "06:00-14:00"}]
)
def test_a_shift_over_midnight_must_not_overlap_the_next_days(week: dict[str, str]) -> None:
    with pytest.raises(Refused, match="overlaps one of"):
        as_week(week)


# --- local time -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Paris", "2026-03-29T02:30", "2026-03-29T01:00"),  # does not exist: the instant after the gap
        ("Europe/Paris", "2026-03-29T02:00", "2026-03-29T01:00"),
        ("Europe/Paris", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Paris", "2026-03-29T03:00", "2026-03-29T01:00"),
        ("Europe/Paris", "2026-10-25T02:30", "2026-10-25T00:30"),  # exists twice: the first
        ("America/New_York", "2026-03-08T02:15", "2026-03-08T07:00"),
        ("America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:00"),  # a gap at midnight
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30"),  # of half an hour
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a day that does not exist
    ],
)
def test_a_local_time_that_does_not_exist_is_the_instant_after_the_gap(zone: str, local: str, utc: str) -> None:
    found = instant_of(datetime.fromisoformat(local), ZoneInfo(zone))
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("shift", "zone", "start", "pieces"),
    [
        ("22:00-02:30", "Europe/Paris", "2026-03-23T00:00", 510),  # 270 min, and 240 where 02:30 does not exist
        ("22:00-03:30", "Europe/Paris", "2026-03-23T00:00", 330 + 270),
        ("22:00-02:00", "Europe/Paris", "2026-03-23T00:00", 240 + 240),
        ("22:00-02:30", "Europe/Paris", "2026-10-19T00:00", 270 + 270),  # the first 02:30
        ("22:00-03:30", "Europe/Paris", "2026-10-19T00:00", 330 + 390),
        ("22:00-02:30", "America/New_York", "2026-03-02T00:00", 510),
        ("22:00-02:30", "UTC", "2026-03-23T00:00", 540),
    ],
)
def test_a_line_makes_what_its_shifts_really_last(
    tmp_path: Path, shift: str, zone: str, start: str, pieces: int
) -> None:
    network = f"""\
timezone: {zone}
calendars: [{{id: night, week: {{sat: "{shift}"}}}}]
items: [{{id: A}}]
plants:
  - id: p
    lines: [{{id: L, calendar: night, rate: 1440/d, supply: unlimited, demand: unlimited, makes: [{{item: A}}]}}]
"""
    twin = ran(load(tmp_path, network, "14d", more=f"start: {start}"))
    assert twin.network.lines["p.L"].good == pieces


# --- reckoning, beside a model that looks at every minute ---------------------------------------------------------
def _random_week(rng: random.Random) -> dict[str, object]:
    week: dict[str, object] = {}
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        if rng.random() < 0.7:
            a = rng.randrange(0, 20 * 60, 30)
            b = a + rng.randrange(30, 4 * 60, 30)
            week[day] = f"{a // 60:02}:{a % 60:02}-{b // 60 % 24:02}:{b % 60:02}"
    return week or {"mon": "22:00-02:00"}


@pytest.mark.parametrize("seed", range(12))
def test_shifts_reckon_as_one_who_looks_at_every_minute(seed: int) -> None:
    rng = random.Random(seed)
    start = datetime(2026, 1, 5, tzinfo=UTC)
    one, other = (Shifts.of(_calendar(_random_week(rng)), start) for _ in range(2))
    both = one.intersect(other)
    span = 60 * 24 * 30
    minutes = [m for m in range(span) if any(a <= m * 60 < b for a, b in one.until(span * 60.0))]
    shared = [m for m in minutes if any(a <= m * 60 < b for a, b in other.until(span * 60.0))]
    for shifts, opened in ((one, minutes), (both, shared)):
        for _ in range(40):
            t = rng.randrange(span // 2)
            later = [m for m in opened if m >= t]
            if not later:
                continue
            work = rng.randrange(1, min(len(later), 900))
            assert shifts.is_open(t * 60.0) == (t in set(opened))
            assert shifts.next_open(t * 60.0) == later[0] * 60
            assert shifts.finish(t * 60.0, work * 60.0) == (later[work - 1] + 1) * 60
            u = t + rng.randrange(span // 2)
            assert shifts.between(t * 60.0, u * 60.0) == 60 * sum(t <= m < u for m in opened)


def test_a_calendar_opens_as_far_as_somebody_asks() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    shifts = Shifts.of(_calendar({"sat": "00:00-00:10"}), start)
    assert shifts.windows == []
    assert shifts.finish(0.0, 86_400.0) == (5 + 7 * 143) * 86_400.0 + 600  # 144 Saturdays of ten minutes
    assert 144 <= len(shifts.windows) <= 146
    late = start + timedelta(seconds=shifts.next_open(100 * 365 * 86_400.0))
    assert late.weekday() == 5 and (late.hour, late.minute) == (0, 0)


def test_what_is_open_in_two_calendars_costs_no_more_than_a_walk_over_both() -> None:
    start = datetime(2026, 1, 5, tzinfo=ZoneInfo("Europe/Paris"))
    weeks = ({"mon-fri": ["06:00-12:00", "13:00-22:00"]}, {"mon-sat": "08:00-17:00"})

    def spent(years: int) -> float:
        began = time.process_time()
        one, other = (Shifts.of(_calendar(week, "Europe/Paris"), start) for week in weeks)
        both = one.intersect(other)
        both.until(years * 365 * 86_400.0)
        t = 0.0
        while t < years * 365 * 86_400.0:
            t = both.finish(t, 40 * H)
        return time.process_time() - began

    short, long = min(spent(4) for _ in range(3)), min(spent(16) for _ in range(3))
    assert long < 8 * short  # four times as far


def test_windows_that_are_given_are_all_there_is() -> None:
    shifts = Shifts([(0.0, 10.0), (20.0, 30.0)])
    assert shifts.finish(0.0, 15.0) == 25.0 and shifts.finish(0.0, 20.5) == INFINITY
    assert shifts.next_open(30.0) == INFINITY and shifts.intersect(Shifts.always()).windows == shifts.windows
    assert bisect_right([a for a, _ in Shifts.always().windows], 5.0) == 1
    with pytest.raises(ValueError, match="overlap"):
        Shifts([(0.0, 10.0), (5.0, 30.0)])


def test_a_line_takes_what_is_opened_and_opens_no_more() -> None:
    """To compute with windows opens the next: a line must not follow a calendar that has no end."""
    shifts = Shifts.of(_calendar({"mon-fri": "06:00-14:00"}), datetime(2026, 1, 5, tzinfo=UTC))
    shifts.until(20 * 24 * H)
    spec = LineSpec("L1", (MakeSpec("PART"),), machines=(MachineSpec("M1", constant(60.0)),))
    built = design(spec, "L1", Streams(1), shifts)
    assert len(built.opens) == len(built.worked_before) <= 17
    assert len(shifts.windows) <= len(built.opens) + 1
