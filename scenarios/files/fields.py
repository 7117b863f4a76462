"""Field types of the YAML files: each reads one written value into a canonical one and knows its own JSON Schema.

The validation context is a `Context`: the currency for money and the folder for empirical files.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationInfo, WithJsonSchema

from scenarios.errors import InputError, Refused, listed, nearest, show
from scenarios.files import units
from scenarios.files.limits import parse_limit
from scenarios.files.nodes import resolve
from scenarios.files.tables import Folder, values
from scenarios.ways import WAYS
from sim.streams import Law

SUPPORTED_VERSION = 1


@dataclass
class Context:
    """What a value may depend on besides itself. `broken`: files whose faults are collected here."""

    folder: Folder
    currency: str = "EUR"
    input_errors: list[InputError] = field(default_factory=list)


class Part(BaseModel):
    """Base of every mapping in a file: closed, immutable, keys as written."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


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


def as_start(value: Any) -> str:
    """A local date and time, YYYY-MM-DDTHH:MM."""
    from datetime import datetime

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


def as_kpi_bound(value: Any) -> str:
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


def _scalar(kind: str, example: Any, text: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": ["string", "number"] if kind == "either" else kind, "examples": [example], "title": text}
    )


_DURATION_SCHEMA = {"type": ["string", "integer"], "examples": ["45min"], "title": "duration"}
_PARAMETER = {"type": ["string", "number"]}


def _law_schema(title: str) -> WithJsonSchema:
    def one(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": {name: body}, "required": [name], "additionalProperties": False}

    def named(*names: str) -> dict[str, Any]:
        body = dict.fromkeys(names, _PARAMETER)
        return {"type": "object", "properties": body, "required": list(names), "additionalProperties": False}

    def numbered(n: int) -> dict[str, Any]:
        return {"type": "array", "items": _PARAMETER, "minItems": n, "maxItems": n}

    forms = [
        one("exponential", _PARAMETER),
        one("normal", named("mean", "sd")),
        one("lognormal", named("mean", "cv")),
        one("gamma", named("mean", "cv")),
        one("weibull", named("scale", "shape")),
        one("uniform", numbered(2)),
        one("triangular", numbered(3)),
        one("empirical", {"type": "string"}),
    ]
    return WithJsonSchema({"title": title, "anyOf": [_PARAMETER, *forms]})


_IDS = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}

Id = Annotated[str, PlainValidator(as_id), _scalar("string", "lyon", "id")]
Text = Annotated[str, PlainValidator(as_text), _scalar("string", "text", "text")]
Flag = Annotated[bool, PlainValidator(as_bool), _scalar("boolean", True, "flag")]
Version = Annotated[int, PlainValidator(as_version), WithJsonSchema({"type": "integer", "const": SUPPORTED_VERSION})]
Currency = Annotated[str, PlainValidator(as_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]
Zone = Annotated[str, PlainValidator(as_timezone), _scalar("string", "Europe/Paris", "IANA time zone")]
Day = Annotated[date, PlainValidator(as_date), WithJsonSchema({"type": "string", "format": "date"})]
Position = Annotated[
    tuple[float, float],
    PlainValidator(as_position),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
Ids = Annotated[
    tuple[str, ...], PlainValidator(as_ids), WithJsonSchema({"anyOf": [{"type": "string"}, _IDS], "title": "id or ids"})
]
IdList = Annotated[tuple[str, ...], PlainValidator(as_id_list), WithJsonSchema(_IDS)]
Pieces = Annotated[
    int,
    PlainValidator(partial(units.whole, least=0, what="whole pieces")),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
Count = Annotated[int, PlainValidator(partial(units.whole, least=1)), WithJsonSchema({"type": "integer", "minimum": 1})]
SomePieces = Annotated[
    int,
    PlainValidator(partial(units.whole, least=1, what="whole pieces")),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
Share = Annotated[float, PlainValidator(units.share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
ShareBelowOne = Annotated[
    float,
    PlainValidator(partial(units.share, below_one=True)),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 1}),
]
ShareAboveZero = Annotated[
    float,
    PlainValidator(partial(units.share, above_zero=True)),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
]
Factor = Annotated[float, PlainValidator(units.positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Amount = Annotated[float, PlainValidator(partial(units.finite)), WithJsonSchema({"type": "number"})]
Grams = Annotated[int, PlainValidator(as_grams), WithJsonSchema({"type": "number", "minimum": 0, "title": "kg"})]
Duration = Annotated[float, PlainValidator(units.seconds), WithJsonSchema(_DURATION_SCHEMA)]
SomeTime = Annotated[float, PlainValidator(partial(units.seconds, above_zero=True)), WithJsonSchema(_DURATION_SCHEMA)]
Instant = Annotated[float, PlainValidator(units.instant), _scalar("string", "14d 08:00", "time since the start")]
Every = Annotated[tuple[str, float], PlainValidator(as_every), _scalar("either", "100h", "duration or cycles")]
Rate = Annotated[float, PlainValidator(units.per_day), _scalar("string", "1013/d", "rate")]
WholeRate = Annotated[int, PlainValidator(units.whole_per_day), _scalar("string", "2500/d", "rate")]
Minor = Annotated[int, PlainValidator(_with_currency(units.minor)), _scalar("either", 410, "money")]
Micro = Annotated[int, PlainValidator(_with_currency(units.price_per_piece)), _scalar("either", 6.5, "money per piece")]
LaneCost = Annotated[
    tuple[int, int], PlainValidator(_with_currency(units.lane_cost)), _scalar("string", "1.9/pcs", "price of transport")
]
Penalty = Annotated[
    tuple[int, str], PlainValidator(_with_currency(units.penalty)), _scalar("string", "12/pcs/d", "money per day late")
]
TimeLaw = Annotated[Law, PlainValidator(_time_law), _law_schema("duration, constant or drawn")]
SomeTimeLaw = Annotated[
    Law,
    PlainValidator(lambda v, info: _time_law(v, info, above_zero=True)),
    _law_schema("duration above 0, constant or drawn"),
]
CountLaw = Annotated[Law, PlainValidator(_count_law), _law_schema("pieces, constant or drawn")]
Start = Annotated[str, PlainValidator(as_start), _scalar("string", "2026-01-05T00:00", "local date and time")]
Warmup = Annotated[float | str, PlainValidator(as_warmup), _scalar("string", "10d", "duration or auto")]
AutoBelow = Annotated[int, PlainValidator(as_auto_below), _scalar("either", "20000 EUR", "money or always")]
Buffers = Annotated[
    int | tuple[int, ...],
    PlainValidator(as_buffers),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "array", "items": {"type": "integer", "minimum": 0}}]}
    ),
]
Ways = Annotated[
    tuple[str, ...],
    PlainValidator(as_ways),
    WithJsonSchema({"type": "array", "items": {"enum": list(WAYS)}, "minItems": 1, "uniqueItems": True}),
]
