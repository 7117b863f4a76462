"""Written values to canonical ones: durations to seconds, money to minor or micro units, rates to pieces per day,
distributions to `sim.streams.Law`. Each function takes a scalar as YAML resolved it (or text from a CSV) and raises
`Refused` with what was found and what is allowed. Nothing here knows a file or a place.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any

from scenarios.errors import nearest, show
from sim.distributions import DISTRIBUTIONS, ROWS, Distribution, Parameter
from sim.streams import Law, constant
from sync.vocabulary.errors import Refused
from sync.vocabulary.quantities import MICRO_PER_MINOR, MOST_PIECES

LARGEST = MOST_PIECES  # of currency units and of plain numbers as well
LONGEST_S = 100 * 365.25 * 86_400.0

SECONDS = {"ms": "0.001", "s": "1", "min": "60", "h": "3600", "d": "86400", "w": "604800"}
PER_DAY: dict[str, Decimal | int] = {"s": 86_400, "min": 1_440, "h": 24, "d": 1, "w": Decimal(1) / 7}

SPELLED = {  # what people write -> what is meant
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("wk", "week", "weeks"), "w"),
}

DURATIONS = "a duration such as 250ms, 30s, 45min, 20h, 6d or 2w"
_NUMBER = r"([+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?)"
_DURATION = re.compile(_NUMBER + r"\s*([A-Za-zµ]*)\Z", re.ASCII)
AT = re.compile(r"(.+?)\s+(\d{1,2}):(\d{2})\Z", re.ASCII)
_RATE = re.compile(_NUMBER + r"\s*(?:pcs)?\s*/\s*([A-Za-z]+)\Z", re.ASCII)
_PER_YEAR = re.compile(_NUMBER + r"\s*(%)?\s*(/\s*a)?\Z", re.ASCII)
_MONEY = re.compile(_NUMBER + r"(?:\s*([A-Za-z]+))?\Z", re.ASCII)
_PER = re.compile(_NUMBER + r"(?:\s*([A-Z]{3}))?((?:\s*/\s*[A-Za-z]+)+)\Z", re.ASCII)


def written(value: Any) -> str:
    """The text of a scalar as it stood in the file; Refused for anything that is not text or a number."""
    text = getattr(value, "text", value)
    if isinstance(value, float) and not isfinite(value):
        raise Refused(f"{show(value)} is not a finite number. allowed: a finite number")
    if isinstance(text, str):
        return text
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise Refused(f"{show(value)} is not a value of this kind. allowed: text or a number")


def finite(value: Any, allowed: str = "a number") -> float:
    """A finite number. Refused for text, booleans, `.nan`, `.inf` and what overflows."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused(f"{show(value)} is not a number. allowed: {allowed}")
    if isinstance(value, float) and not isfinite(value):
        raise Refused(f"{show(value)} is not a finite number. allowed: {allowed}")
    if abs(value) > LARGEST:  # an integer may have hundreds of digits: compared before it is made a float
        raise Refused(f"{show(value)} is too large. allowed: at most {LARGEST}")
    return float(value)


def whole(value: Any, least: int = 0, what: str = "a whole number") -> int:
    """An integer of at least `least`; 12.0 is as good as 12, 2.5 is refused."""
    allowed = f"{what}, at least {least}"
    number = finite(value, allowed)
    if number != int(number):
        raise Refused(f"{show(value)} is not whole. allowed: {allowed}")
    if number < least:
        raise Refused(f"{show(value)} is {'negative' if number < 0 else 'too small'}. allowed: {allowed}")
    return int(value)


def share(value: Any, *, below_one: bool = False, above_zero: bool = False) -> float:
    """A share in 0..1; one of the ends may be closed out."""
    allowed = f"a share {'above' if above_zero else 'from'} 0 {'and below' if below_one else 'to'} 1"
    number = finite(value, allowed)
    if not 0 <= number <= 1 or (below_one and number == 1) or (above_zero and number == 0):
        raise Refused(f"{show(value)} is outside the range. allowed: {allowed}")
    return number


def positive(value: Any, allowed: str = "a number above 0") -> float:
    """A finite number above 0."""
    number = finite(value, allowed)
    if number <= 0:
        raise Refused(f"{show(value)} is {'negative' if number < 0 else 'zero'}. allowed: {allowed}")
    return number


def at_least_zero(value: Any) -> float:
    """A finite number from 0."""
    number = finite(value, "a number, at least 0")
    if number < 0:
        raise Refused(f"{show(value)} is negative. allowed: a number, at least 0")
    return number


# --- time --------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=4096)
def _seconds(text: str) -> float:
    match = _DURATION.match(text.strip())
    if not match:
        raise Refused(f"{show(text)} is not a duration. allowed: {DURATIONS}")
    number, unit = match.groups()
    if not unit and float(number) != 0:
        raise Refused(f"{show(text)} has no unit. allowed: {DURATIONS}")
    if unit and unit not in SECONDS:
        hint = f". did you mean '{number}{SPELLED[unit.lower()]}'?" if unit.lower() in SPELLED else ""
        raise Refused(f"{show(text)} has the unknown unit {show(unit)}. allowed: {', '.join(SECONDS)}{hint}")
    if abs(Decimal(number)) > LARGEST:
        raise Refused(f"{show(text)} is too long. allowed: at most 100 years")
    seconds = float(Decimal(number) * Decimal(SECONDS[unit or "s"]))
    if seconds < 0:
        raise Refused(f"{show(text)} is negative. allowed: {DURATIONS}")
    if seconds > LONGEST_S:
        raise Refused(f"{show(text)} is too long. allowed: at most 100 years")
    return seconds


def seconds(value: Any, *, above_zero: bool = False) -> float:
    """A duration in seconds. A bare 0 needs no unit; any other number does."""
    if isinstance(value, (bool, dict, list)):
        raise Refused(f"{show(value)} is not a duration. allowed: {DURATIONS}")
    text = written(value)
    result = _seconds(text)
    if above_zero and result == 0:
        raise Refused(f"{show(value)} is no time at all. allowed: a duration above 0")
    return result


def as_duration(seconds: float) -> str | int:
    """Seconds as a file writes them: in the largest unit that leaves a whole number, else in seconds."""
    if not seconds:
        return 0
    for unit, size in reversed(SECONDS.items()):
        amount = Decimal(str(seconds)) / Decimal(size)
        if amount == int(amount):
            return f"{int(amount)}{unit}"
    return f"{seconds}s"


@lru_cache(maxsize=4096)
def _instant(text: str) -> float:
    match = AT.match(text)
    if not match:
        return _seconds(text)
    hours, minutes = int(match[2]), int(match[3])
    if hours > 23 or minutes > 59:
        raise Refused(f"'{match[2]}:{match[3]}' is not a time of day. allowed: 00:00 to 23:59")
    days = _seconds(match[1])
    if days % 86_400:
        raise Refused(f"{show(text)} adds a clock time to part of a day. allowed: whole days and a time, as 14d 08:00")
    return days + 3600.0 * hours + 60.0 * minutes


def instant(value: Any) -> float:
    """Seconds since the start: a duration, which may end in a clock time (`14d 08:00`)."""
    if isinstance(value, (bool, dict, list, float)):
        return seconds(value)
    return _instant(written(value).strip())


# --- rates -------------------------------------------------------------------------------------------------------
def per_day(value: Any) -> float:
    """A rate in pieces per day, above 0."""
    allowed = "a rate above 0 such as 1013/d (per s, min, h, d or w)"
    match = _RATE.match(value.strip()) if isinstance(value, str) else None
    if not match:
        raise Refused(f"{show(value)} is not a rate. allowed: {allowed}")
    if match[2] not in PER_DAY:
        hint = f". did you mean '{match[1]}/{SPELLED[match[2].lower()]}'?" if match[2].lower() in SPELLED else ""
        raise Refused(f"{show(value)} has the unknown unit {show(match[2])}. allowed: {', '.join(PER_DAY)}{hint}")
    rate = Decimal(match[1])
    if abs(rate) > LARGEST:
        raise Refused(f"{show(value)} is too large. allowed: {allowed}")
    if rate <= 0:
        raise Refused(f"{show(value)} is {'negative' if rate < 0 else 'zero'}. allowed: {allowed}")
    unit = PER_DAY[match[2]]
    return float(rate / 7) if match[2] == "w" else float(rate * unit)


def whole_per_day(value: Any) -> int:
    """A rate that is a whole number of pieces per day."""
    rate = per_day(value)
    if abs(rate - round(rate)) > 1e-6:
        raise Refused(f"{show(value)} is {rate:g} pieces per day. allowed: a whole number of pieces per day")
    return round(rate)


def per_year(value: Any, *, least: float = 0.0, most: float) -> float:
    """A share per year: `20%/a`, `0.2/a`, or a plain number that is the share."""
    allowed = f"a share per year such as 20%/a, from {least:.0%} to {most:.0%}"
    match = _PER_YEAR.match(written(value).strip()) if not isinstance(value, (bool, dict, list)) else None
    if not match:
        raise Refused(f"{show(value)} is not a share per year. allowed: {allowed}")
    share = Decimal(match[1]) / (100 if match[2] else 1)
    if not Decimal(str(least)) <= share <= Decimal(str(most)):
        raise Refused(f"{show(value)} is outside the range. allowed: {allowed}")
    if not match[2] and not match[3] and isinstance(value, str):
        raise Refused(f"{show(value)} has no unit. allowed: {allowed}")
    return float(share)


def as_per_year(share: float) -> str:
    """A share per year as a file writes it."""
    return f"{share * 100:.10g}%/a"


# --- money -------------------------------------------------------------------------------------------------------
def _amount(number: str, unit: str | None, currency: str, value: Any) -> Decimal:
    if unit and unit != currency:
        raise Refused(f"{show(value)} is in {unit}. allowed: {currency}, the currency of the network")
    amount = Decimal(number)
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise Refused(f"{show(value)} is too large. allowed: at most {LARGEST}")
    if amount < 0:
        raise Refused(f"{show(value)} is negative. allowed: money of at least 0")
    return amount


def money(value: Any, currency: str) -> Decimal:
    """An amount in currency units: a number, or a number and the network's currency."""
    if isinstance(value, (dict, list, bool)):
        match = None
    else:
        match = _MONEY.match(written(value).strip())
    if not match:
        raise Refused(f"{show(value)} is not money. allowed: a number or an amount such as 20000 {currency}")
    return _amount(match[1], match[2], currency, value)


def minor(value: Any, currency: str) -> int:
    """Money in minor units (hundredths), rounded half to even."""
    return round(money(value, currency) * 100)


def micro(value: Any, currency: str) -> int:
    """Money in millionths of a currency unit, rounded half to even."""
    return round(money(value, currency) * 100 * MICRO_PER_MINOR)


def _per(value: Any, currency: str, allowed: str) -> tuple[Decimal, tuple[str, ...]]:
    match = _PER.match(value.strip()) if isinstance(value, str) else None
    if not match:
        raise Refused(f"{show(value)} is not a price. allowed: {allowed}")
    units = tuple(u.strip() for u in match[3].split("/")[1:])
    return _amount(match[1], match[2], currency, value), units


def price_per_piece(value: Any, currency: str) -> int:
    """Micro units per piece: `1.9/pcs`, or a plain number."""
    if isinstance(value, str) and "/" in value:
        amount, units = _per(value, currency, "1.9/pcs")
        if units != ("pcs",):
            raise Refused(f"{show(value)} is per {'/'.join(units)}. allowed: per pcs, as 1.9/pcs")
        return round(amount * 100 * MICRO_PER_MINOR)
    return micro(value, currency)


def lane_cost(value: Any, currency: str) -> tuple[int, int]:
    """(micro units per piece, minor units per shipment): `1.9/pcs`, `35/shipment`, or both joined by `+`."""
    allowed = "1.9/pcs, 35/shipment or 35/shipment + 1.9/pcs"
    found: dict[str, Decimal] = {}
    for part in value.split("+") if isinstance(value, str) else [value]:
        amount, units = _per(part, currency, allowed)
        if units not in (("pcs",), ("shipment",)) or units[0] in found:
            raise Refused(f"{show(value)} is not a price of transport. allowed: {allowed}")
        found[units[0]] = amount
    return round(found.get("pcs", Decimal()) * 100 * MICRO_PER_MINOR), round(found.get("shipment", Decimal()) * 100)


def penalty(value: Any, currency: str) -> tuple[int, str]:
    """(minor units per day late, `pcs` or `order`): `12/pcs/d`, `1000/order/d`."""
    allowed = "12/pcs/d or 1000/order/d"
    amount, units = _per(value, currency, allowed)
    if units not in (("pcs", "d"), ("order", "d")):
        raise Refused(f"{show(value)} is per {'/'.join(units)}. allowed: {allowed}")
    return round(amount * 100), units[0]


# --- distributions -----------------------------------------------------------------------------------------------
NAMED = {row.name: row for row in ROWS if row.name != "constant"}  # a constant is written without its name

Unit = Callable[[Any], float]
Values = Callable[[str, Unit], tuple[float, ...]]


def law(value: Any, unit: Unit, values_of: Values, *, above_zero: bool = False) -> Law:
    """A distribution (a row of `sim.distributions`); a scalar is a constant. `unit` reads one parameter, `values_of` an
    empirical file.

    With `above_zero` the mean must be positive. Refused carries the place of the bad parameter in `sub`.
    """
    if isinstance(value, list) or (isinstance(value, dict) and len(value) != 1):
        raise Refused(f"{show(value)} is not a distribution. allowed: a constant or one of {', '.join(NAMED)}")
    if not isinstance(value, dict):
        result = constant(unit(value))
    else:
        ((kind, body),) = value.items()
        if kind not in NAMED:
            allowed = ", ".join(NAMED)
            raise Refused(f"unknown distribution {show(kind)}. allowed: {allowed}{nearest(kind, NAMED)}", (kind,))
        try:
            result = Law(kind, _parameters(NAMED[kind], body, unit, values_of))
        except Refused as refusal:
            raise refusal.below(kind) from None
    if above_zero and result.mean <= 0:
        raise Refused(f"{show(value)} has a mean of 0. allowed: a mean above 0")
    return result


def as_law(found: Law) -> Any:
    """A time as a file writes it: a duration, or the distribution with its parameters. Not for `empirical`."""
    row = DISTRIBUTIONS[found.kind]
    shown = [x if p.pure else as_duration(x) for p, x in zip(row.parameters, found.params, strict=True)]
    if row.form == "value":
        return shown[0] if row.name == "constant" else {row.name: shown[0]}
    names = [p.name for p in row.parameters]
    return {row.name: dict(zip(names, shown, strict=True)) if row.form == "mapping" else shown}


def _parameters(row: Distribution, body: Any, unit: Unit, values_of: Values) -> tuple[float, ...]:
    form = f"{{{row.name}: {row.written}}}"
    names = [p.name for p in row.parameters]
    match row.form:
        case "file":
            if not isinstance(body, str):
                raise Refused(f"{show(body)} is not a file name. allowed: {form}")
            return values_of(body, unit)
        case "value":
            return (_parameter(row.parameters[0], body, unit),)
        case "mapping":
            if not isinstance(body, dict) or set(body) - set(names) or len(body) != len(names):
                raise Refused(f"{_misfit(body, names)}. allowed: {form}")
            steps: list[str | int] = list(names)
        case _:
            if not isinstance(body, list) or len(body) != len(names):
                raise Refused(f"{_misfit(body, names)}. allowed: {form}")
            steps = list(range(len(names)))
    params: list[float] = []
    for parameter, step in zip(row.parameters, steps, strict=True):
        try:
            params.append(_parameter(parameter, body[step], unit))
        except Refused as refusal:
            raise refusal.below(step) from None
    if row.form == "list":
        _ordered(row, body, params)
    return tuple(params)


def _parameter(parameter: Parameter, found: Any, unit: Unit) -> float:
    """One parameter of a distribution, as its row says what it may be."""
    if parameter.whole:
        return float(whole(found, 1))
    number = finite(found) if parameter.pure else unit(found)
    if parameter.written == "above" and number <= 0:
        what = "negative" if number < 0 else "zero"
        raise Refused(f"{parameter.name} {show(found)} is {what}. allowed: above 0")
    if number < 0:
        raise Refused(f"{parameter.name} {show(found)} is negative. allowed: at least 0")
    return number


def _misfit(body: Any, names: list[str]) -> str:
    if isinstance(body, dict):
        unknown = [k for k in body if k not in names]
        if unknown:
            return f"unknown parameter {show(unknown[0])}"
        return f"parameter '{next((n for n in names if n not in body), '')}' is missing"
    return f"a list of {len(body)}" if isinstance(body, list) else f"{show(body)} does not fit"


def _ordered(row: Distribution, body: list[Any], params: list[float]) -> None:
    texts = [str(getattr(b, "text", b)) for b in body]
    if params != sorted(params):
        raise Refused(f"{row.name} [{', '.join(texts)}] is out of order. allowed: {row.written} from small to large")
    if row.wide and params[0] == params[-1]:
        first, last = row.parameters[0].name, row.parameters[-1].name
        raise Refused(f"{row.name} [{', '.join(texts)}] has no width. allowed: {first} below {last}")
