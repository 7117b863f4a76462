"""Numbers of a CSV: with a decimal point or a decimal comma, and refused where a sign may be either.

`1,200` is one and a fifth to one reader and twelve hundred to the next; no guess is made.
"""

import re
from decimal import Decimal
from functools import lru_cache

from scenarios.errors import show
from scenarios.files.units import LARGEST, seconds
from sync.vocabulary.errors import Refused
from sync.vocabulary.quantities import MICRO_PER_MINOR, MS_PER_DAY, ceil_ms

_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}\Z", re.ASCII)  # a decimal sign, or one between thousands
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?\Z")
ALLOWED = "a number without a sign between thousands, as 1200 or 0.75"


@lru_cache(maxsize=8192)
def decimal(text: str, point: bool = True) -> Decimal:
    """A decimal number of at least 0. point: the file is separated by commas, so a point is a decimal point; in other
    files a sign before three digits may be either and is refused, as a comma is everywhere."""
    either = _EITHER.match(text)
    if either and not (point and either[1] == "."):
        short = text.replace(either[1], "")
        other = text.replace(",", ".").rstrip("0").rstrip(".")
        raise Refused(f"{show(text)} may be {short} or {other}. allowed: {ALLOWED}")
    if not _PLAIN.match(text):
        what = "has signs between thousands" if _GROUPED.match(text) else "is not a number"
        raise Refused(f"{show(text)} {what}. allowed: {ALLOWED}")
    number = Decimal(text.replace(",", "."))
    if number < 0:
        raise Refused(f"{show(text)} is negative. allowed: at least 0")
    if number > LARGEST:
        raise Refused(f"{show(text)} is too large. allowed: at most {LARGEST}")
    return number


@lru_cache(maxsize=8192)
def grams(text: str, point: bool) -> int:
    """Kilograms as grams."""
    return round(decimal(text, point) * 1000)


@lru_cache(maxsize=8192)
def micro(text: str, point: bool) -> int:
    """Money as micro units."""
    return round(decimal(text, point) * 100 * MICRO_PER_MINOR)


@lru_cache(maxsize=8192)
def days_ms(text: str, point: bool) -> int:
    """Days, or a duration with its unit, as milliseconds."""
    if text[-1:].isalpha():
        return ceil_ms(seconds(text))
    return round(decimal(text, point) * MS_PER_DAY)


@lru_cache(maxsize=8192)
def pieces(text: str, point: bool) -> int:
    """Whole pieces, at least 1."""
    number = decimal(text, point)
    if number != int(number):
        raise Refused(f"{show(text)} is not whole. allowed: whole pieces, at least 1")
    if number < 1:
        raise Refused(f"{show(text)} is zero. allowed: whole pieces, at least 1")
    return int(number)
