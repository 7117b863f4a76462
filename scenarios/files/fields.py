"""Field types of the YAML files: the kinds of value (`scenarios.files.kinds`), each with its reader, shape and example.

The validation context is a `Context`: the currency for money and the folder for empirical files.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationInfo

from scenarios.errors import FAULT_CAP, InputError, listed, nearest, show
from scenarios.files import clock, shapes, units
from scenarios.files.clock import DEFAULT, Clock, as_start
from scenarios.files.kinds import Kind, choice
from scenarios.files.limits import BOUND, parse_limit
from scenarios.files.nodes import resolve
from scenarios.files.seasons import as_months, as_weekdays, written_months
from scenarios.files.tables import ORDERS, RATES, VALUES, Folder, values
from scenarios.files.weeks import Week, as_shift, as_week
from scenarios.ways import WAYS
from sim.streams import Law
from sync.vocabulary.errors import Refused
from sync.vocabulary.quantities import MICRO_PER_MINOR

SUPPORTED_VERSION = 1


@dataclass
class Context:
    """What a value may depend on besides itself. `input_errors`: the faults of the files that were read with it; most:
    faults of values that are looked for."""

    folder: Folder
    currency: str = "EUR"
    clock: Clock = DEFAULT
    input_errors: list[InputError] = field(default_factory=list)
    most: int = FAULT_CAP


class Part(BaseModel):
    """Base of every mapping in a file: closed, immutable, keys as written. `shown`: keys that may be left out and that
    an example of the mapping has nevertheless, because it makes no sense without them."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    shown: ClassVar[tuple[str, ...]] = ()


MOST_PLACES = 100_000  # in one gap: every part there may be of another lot, and each is remembered


def _text(value: Any, what: str) -> str:
    """Text; a plain number is its own digits (an id such as 1689547 needs no quotes)."""
    written = getattr(value, "text", value)
    if not isinstance(written, str):
        raise Refused(f"{show(value)} is not {what}")
    return written


def as_id(value: Any) -> str:
    """An id: letters, digits, `-`, `_`, at most 64; NFC."""
    allowed = "letters, digits, '-' and '_', at most 64"
    text = unicodedata.normalize("NFC", _text(value, f"an id. allowed: {allowed}"))
    if not text:
        raise Refused(f"the id is empty. allowed: {allowed}")
    if len(text) > 64:
        raise Refused(f"the id has {len(text)} characters. allowed: {allowed}")
    wrong = next((c for c in text if not (c in "-_" or unicodedata.category(c)[0] == "L" or c.isdecimal())), None)
    if wrong is not None:
        raise Refused(f"{show(text)} has the character {wrong!a}. allowed: {allowed}")
    return text


def as_text(value: Any) -> str:
    """Free text on one line."""
    text = _text(value, "text. allowed: text")
    if not all(c.isprintable() for c in text.rstrip("\n")):
        raise Refused("control characters in text. allowed: printable text")
    return text.strip()


def as_bool(value: Any) -> bool:
    """true or false, nothing else."""
    if not isinstance(value, bool):
        raise Refused(f"{show(value)} is not a truth value. allowed: true, false")
    return value


def as_choice(value: Any, choices: tuple[str, ...]) -> str:
    """One of a fixed set of words."""
    if not isinstance(value, str) or value not in choices:
        raise Refused(f"unknown value {show(value)}. allowed: {', '.join(choices)}{nearest(str(value), choices)}")
    return value


def as_version(value: Any) -> int:
    """The version of the file format."""
    version = units.whole(value, 1, "the version of the file format")
    if version > SUPPORTED_VERSION:
        raise Refused(
            f"version {version} is newer than this PlantSync reads. allowed: {SUPPORTED_VERSION}. "
            "update PlantSync, or write the file in an older version"
        )
    return version


def as_currency(value: Any) -> str:
    """Three capital letters."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise Refused(f"{show(value)} is not a currency. allowed: three capital letters such as EUR")
    return value


def as_timezone(value: Any) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(_text(value, "a time zone"))
    except (Refused, OSError, ValueError, KeyError):
        from zoneinfo import available_timezones

        near = nearest(str(value), sorted(available_timezones()))
        raise Refused(f"{show(value)} is not a time zone. allowed: an IANA name such as Europe/Paris{near}") from None
    return str(value)


def as_date(value: Any) -> date:
    """A calendar day, YYYY-MM-DD."""
    try:
        text = _text(value, "a date")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{show(value)} is not a date. allowed: a day such as 2026-12-25") from None


def as_position(value: Any) -> tuple[float, float]:
    """[latitude, longitude] in degrees."""
    if not isinstance(value, list) or len(value) != 2:
        raise Refused(f"{show(value)} is not a position. allowed: [latitude, longitude]")
    for n, (limit, name) in enumerate(((90, "latitude"), (180, "longitude"))):
        try:
            degrees = units.finite(value[n], f"{name} in degrees")
        except Refused as refusal:
            raise refusal.below(n) from None
        if abs(degrees) > limit:
            raise Refused(f"{name} {show(value[n])} is out of range. allowed: -{limit} to {limit}", (n,))
    return float(value[0]), float(value[1])


def as_ids(value: Any) -> tuple[str, ...]:
    """One id or a list of ids, each once."""
    return _several(value, as_id) if isinstance(value, list) else (as_id(value),)


def as_id_list(value: Any) -> tuple[str, ...]:
    """A list of ids, each once."""
    if not isinstance(value, list):
        raise Refused(f"{show(value)} is not a list. allowed: a list such as [a, b]")
    return _several(value, as_id)


def _several(values: list[Any], read: Callable[[Any], str]) -> tuple[str, ...]:
    result: list[str] = []
    for n, one in enumerate(values):
        try:
            name = read(one)
            if name in result:
                raise Refused(f"{show(name)} is listed twice. allowed: each once")
        except Refused as refusal:
            raise refusal.below(n) from None
        result.append(name)
    if not result:
        raise Refused("the list is empty. allowed: at least one")
    return tuple(result)


def _values(context: Context, name: str, unit: units.Unit) -> tuple[float, ...]:
    try:
        return values(context.folder, name, unit, resolve)
    except InputError as e:
        context.input_errors.append(e)
        return (1.0,)  # stands in; the faults of the file are reported


def _context(info: ValidationInfo) -> Context:
    assert isinstance(info.context, Context)
    return info.context


def _time_law(value: Any, info: ValidationInfo, *, above_zero: bool = False) -> Law:
    return units.law(value, units.seconds, partial(_values, _context(info)), above_zero=above_zero)


def _count(value: Any) -> float:
    number = units.finite(value, "a number of pieces")
    if number < 0:
        raise Refused(f"{show(value)} is negative. allowed: a number of pieces")
    return number


def _count_law(value: Any, info: ValidationInfo) -> Law:
    if not isinstance(value, dict | list):
        return Law("constant", (float(units.whole(value, 1, "whole pieces")),))
    return units.law(value, _count, partial(_values, _context(info)), above_zero=True)


def _with_currency(read: Callable[[Any, str], Any]) -> Callable[[Any, ValidationInfo], Any]:
    return lambda value, info: read(value, _context(info).currency)


def as_instant(value: Any, info: ValidationInfo) -> float:
    """Seconds since the start: a duration, which may end in a clock time of the network's zone."""
    if isinstance(value, (bool, dict, list, float)):
        return units.seconds(value)
    return clock.instant(units.written(value).strip(), _context(info).clock)


def as_warmup(value: Any) -> float | str:
    """A duration in seconds, or `auto`."""
    return "auto" if value == "auto" else units.seconds(value)


def as_auto_below(value: Any, info: ValidationInfo) -> int:
    """Minor units; -1 for `always`."""
    return -1 if value == "always" else units.minor(value, _context(info).currency)


def as_grams(value: Any) -> int:
    """Kilograms to grams, rounded half to even."""
    if units.finite(value, "a weight in kg") < 0:
        raise Refused(f"{show(value)} is negative. allowed: a weight in kg, at least 0")
    return round((Decimal(int(value)) if isinstance(value, int) else Decimal(units.written(value))) * 1000)


def _places(value: Any) -> int:
    places = units.whole(value, 0, "places between machines")
    if places > MOST_PLACES:
        raise Refused(f"{show(value)} places between machines. allowed: 0 to {MOST_PLACES}")
    return places


def as_buffers(value: Any) -> int | tuple[int, ...]:
    """One number for every gap between machines, or a list with one per gap."""
    if not isinstance(value, list):
        return _places(value)
    result = []
    for n, one in enumerate(value):
        try:
            result.append(_places(one))
        except Refused as refusal:
            raise refusal.below(n) from None
    return tuple(result)


def as_preference(value: Any) -> int:
    """A rank, 1 first; true is 1, false is none (0)."""
    return int(value) if isinstance(value, bool) else units.whole(value, 1, "true, false, or a rank")


def as_every(value: Any) -> tuple[str, float]:
    """(`time`, seconds) or, for a plain number, (`cycles`, how many)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "cycles", float(units.whole(value, 1, "cycles"))
    return "time", units.seconds(value, above_zero=True)


def as_seed(value: Any) -> int:
    """A seed: a whole number that fits 64 bits."""
    if isinstance(value, float):
        units.finite(value, "a whole number from 0 to 2^63 - 1")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise Refused(f"{show(value)} is not a seed. allowed: a whole number from 0 to 2^63 - 1")
    return int(value)


def as_limit(value: Any) -> str:
    """`>= 95%`: a comparison and a number."""
    try:
        parse_limit(value if isinstance(value, str) else "")
    except ValueError:
        raise Refused(
            f'{show(value)} is not a bound. allowed: an operator (>=, <=, >, <, ==, !=) and a number, as ">= 95%"'
        ) from None
    return str(value).strip()


def as_ways(value: Any) -> tuple[str, ...]:
    """A subset of the ways of working."""
    if not isinstance(value, list):
        raise Refused(f"{show(value)} is not a list. allowed: a list out of {listed(WAYS)}")
    return _several(value, partial(as_choice, choices=WAYS))


def one_of(*choices: str) -> tuple[Kind]:
    """The annotation of a value that is one of a few words."""
    return (choice(partial(as_choice, choices=choices), *choices),)


def _whole(least: int, what: str = "a whole number") -> Callable[[Any], int]:
    return partial(units.whole, least=least, what=what)


def _as_warmup(found: float | str) -> str | int:
    return found if isinstance(found, str) else units.as_duration(found)


def _as_auto_below(found: int) -> str | float:
    return "always" if found < 0 else found / 100


Id = Annotated[str, Kind("id", as_id, shapes.ID, "lyon")]
Text = Annotated[str, Kind("text", as_text, shapes.TEXT, "free text on one line")]
Flag = Annotated[bool, Kind("", as_bool, {"type": "boolean"}, True)]
Version = Annotated[int, Kind("", as_version, {"type": "integer", "const": SUPPORTED_VERSION}, SUPPORTED_VERSION)]
Currency = Annotated[str, Kind("currency", as_currency, shapes.CURRENCY, "EUR")]
Zone = Annotated[str, Kind("time_zone", as_timezone, shapes.ZONE, "Europe/Paris")]
Day = Annotated[date, Kind("day", as_date, shapes.DAY, "2026-12-25")]
Position = Annotated[tuple[float, float], Kind("position", as_position, shapes.POSITION, [45.76, 4.84])]
Ids = Annotated[tuple[str, ...], Kind("id_or_ids", as_ids, shapes.IDS, ["lyon", "dc-west"], list)]
IdList = Annotated[tuple[str, ...], Kind("ids", as_id_list, shapes.ID_LIST, ["lyon", "dc-west"], list)]
Pieces = Annotated[int, Kind("pieces", _whole(0, "whole pieces"), shapes.whole(0, "Whole pieces, from 0."), 100)]
SomePieces = Annotated[
    int, Kind("some_pieces", _whole(1, "whole pieces"), shapes.whole(1, "Whole pieces, at least 1."), 20)
]
Count = Annotated[int, Kind("count", _whole(1), shapes.whole(1, "A whole number, at least 1."), 2)]
Share = Annotated[float, Kind("share", units.share, shapes.number("A share from 0 to 1.", minimum=0, maximum=1), 0.5)]
ShareBelowOne = Annotated[
    float,
    Kind(
        "share_below_one",
        partial(units.share, below_one=True),
        shapes.number("A share from 0 and below 1.", minimum=0, exclusiveMaximum=1),
        0.02,
    ),
]
ShareAboveZero = Annotated[
    float,
    Kind(
        "share_above_zero",
        partial(units.share, above_zero=True),
        shapes.number("A share above 0 to 1.", exclusiveMinimum=0, maximum=1),
        0.98,
    ),
]
Factor = Annotated[float, Kind("factor", units.positive, shapes.number("Above 0.", exclusiveMinimum=0), 0.5)]
FactorFromZero = Annotated[
    float, Kind("factor_from_zero", units.at_least_zero, shapes.number("From 0.", minimum=0), 0.5)
]
Amount = Annotated[float, Kind("amount", units.finite, shapes.number("A finite number."), 62)]
Grams = Annotated[
    int, Kind("kilograms", as_grams, shapes.number("A weight in kg.", minimum=0), 0.25, lambda g: g / 1000)
]
Duration = Annotated[float, Kind("duration", units.seconds, shapes.DURATION, "45min", units.as_duration)]
SomeTime = Annotated[
    float,
    Kind("some_time", partial(units.seconds, above_zero=True), shapes.SOME_TIME, "45d", units.as_duration),
]
Instant = Annotated[float, Kind("moment", as_instant, shapes.MOMENT, "14d 08:00", units.as_duration)]
Every = Annotated[tuple[str, float], Kind("interval", as_every, shapes.INTERVAL, "100h")]
Rate = Annotated[float, Kind("rate", units.per_day, shapes.RATE, "1013/d")]
WholeRate = Annotated[int, Kind("whole_rate", units.whole_per_day, shapes.WHOLE_RATE, "2500/d")]
Minor = Annotated[int, Kind("money", _with_currency(units.minor), shapes.MONEY, 410, lambda m: m / 100)]
Micro = Annotated[
    int,
    Kind("price", _with_currency(units.price_per_piece), shapes.PRICE, 6.5, lambda m: m / (100 * MICRO_PER_MINOR)),
]
LaneCost = Annotated[
    tuple[int, int], Kind("transport_price", _with_currency(units.lane_cost), shapes.TRANSPORT_PRICE, "1.9/pcs")
]
Penalty = Annotated[tuple[int, str], Kind("penalty", _with_currency(units.penalty), shapes.PENALTY, "12/pcs/d")]
TimeLaw = Annotated[Law, Kind("time", _time_law, shapes.law("time", shapes.ref("duration")), "2d", units.as_law)]
SomeTimeLaw = Annotated[
    Law,
    Kind(
        "time_above_zero",
        partial(_time_law, above_zero=True),
        {"description": "A time whose mean is above 0.", "$ref": "#/$defs/time"},
        {"exponential": "30h"},
        units.as_law,
    ),
]
CountLaw = Annotated[
    Law,
    Kind(
        "pieces_drawn",
        _count_law,
        shapes.law("number of pieces", shapes.number("Pieces.", minimum=0), shapes.ref("some_pieces")),
        {"uniform": [5, 20]},
    ),
]
Start = Annotated[str, Kind("start", as_start, shapes.START, "2026-01-05T00:00")]
Warmup = Annotated[
    float | str,
    Kind("warmup", as_warmup, shapes.or_word("duration", "auto"), "10d", _as_warmup),
]
AutoBelow = Annotated[
    int, Kind("auto_below", as_auto_below, shapes.or_word("money", "always"), "20000 EUR", _as_auto_below)
]
Preference = Annotated[int, Kind("preference", as_preference, shapes.PREFERENCE, True, bool)]
ShareOfYear = Annotated[
    float,
    Kind("share_of_year", partial(units.per_year, most=10.0), shapes.PER_YEAR, "20%/a", units.as_per_year),
]
Growth = Annotated[
    float,
    Kind("growth", partial(units.per_year, least=-0.9, most=10.0), shapes.PER_YEAR_SIGNED, "2%/a", units.as_per_year),
]
Weekdays = Annotated[
    tuple[float, ...], Kind("weekdays", as_weekdays, shapes.WEEKDAYS, [1.2, 1.1, 1, 1, 0.9, 0.5, 0], list)
]
Months = Annotated[
    tuple[float, ...],
    Kind("months", as_months, shapes.MONTHLY, {"Jan": 0.8, "Dec": 1.4}, written_months),
]  # fmt: skip
Buffers = Annotated[int | tuple[int, ...], Kind("buffers", as_buffers, shapes.BUFFERS, 4)]
Limit = Annotated[
    str,
    Kind("limit", as_limit, shapes.text("An operator and a number; % divides by 100.", rf"\s*{BOUND}\s*"), ">= 95%"),
]
Seed = Annotated[int, Kind("", as_seed, shapes.whole(0, "From 0 to 2^63 - 1."), 7)]
Ways = Annotated[tuple[str, ...], Kind("", as_ways, shapes.listing({"enum": list(WAYS)}), ["none", "synced"], list)]
ShiftWeek = Annotated[Week, Kind("week", as_week, shapes.WEEK, {"mon-fri": "06:00-22:00", "sat": ["06:00-14:00"]})]

# A file beside this one, named by its path; its columns are declared in `scenarios.files.tables`. Two kinds are no
# key's own: a shift stands in a week, the values of a file in a distribution; the shapes of those name them.
RatesFile = Annotated[str, Kind("rates_csv", as_text, shapes.csv(RATES), "rates.csv")]
OrdersFile = Annotated[str, Kind("orders_csv", as_text, shapes.csv(ORDERS), "orders.csv")]
Kind("values_csv", as_text, shapes.csv(VALUES), "repair-times.csv")
Kind("shift", as_shift, shapes.SHIFT, "06:00-22:00")
