"""Seasons of demand as a file writes them: seven factors of a week, or factors by month."""

from typing import Any

from scenarios.errors import nearest, show
from scenarios.files.units import finite
from scenarios.files.weeks import DAYS
from sync.vocabulary.errors import Refused

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_FACTOR = 1_000.0  # of normal demand


def _factor(value: Any) -> float:
    number = finite(value, "a factor, at least 0")
    if not 0 <= number <= MOST_FACTOR:
        raise Refused(f"{show(value)} is outside the range. allowed: a factor from 0 to {MOST_FACTOR:g}")
    return number


def as_weekdays(value: Any) -> tuple[float, ...]:
    """Seven factors, Monday to Sunday, not all 0."""
    if not isinstance(value, list) or len(value) != len(DAYS):
        raise Refused(f"{show(value)} is not a week. allowed: a list of 7 factors, Monday to Sunday")
    result = []
    for n, one in enumerate(value):
        try:
            result.append(_factor(one))
        except Refused as refusal:
            raise refusal.below(n) from None
    if not any(result):
        raise Refused("every day has the factor 0. allowed: at least one above 0")
    return tuple(result)


def as_months(value: Any) -> tuple[float, ...]:
    """Twelve factors, January to December, of a mapping that may leave out those with 1; not all 0."""
    if not isinstance(value, dict):
        raise Refused(f"{show(value)} is not a mapping. allowed: month: factor, as {{Jan: 0.8, Dec: 1.4}}")
    result = [1.0] * len(MONTHS)
    for name, one in value.items():
        if name not in MONTHS:
            raise Refused(
                f"unknown month {show(name)}. allowed: {', '.join(MONTHS)}{nearest(str(name), MONTHS)}", (name,)
            )
        try:
            result[MONTHS.index(name)] = _factor(one)
        except Refused as refusal:
            raise refusal.below(name) from None
    if not any(result):
        raise Refused("every month has the factor 0. allowed: at least one above 0")
    return tuple(result)


def written_months(found: tuple[float, ...]) -> dict[str, float]:
    """Factors by month as a file writes them."""
    return dict(zip(MONTHS, found, strict=False))
