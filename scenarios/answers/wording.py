"""Words and numbers as people read them: money, shares, durations, and moments as `day 14 08:00`.

A moment counts from the start of the run exactly as the scenario file writes it: `14d 08:00` is `day 14 08:00`.
"""

from collections.abc import Iterable

from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H, MS_PER_MIN
from sync.vocabulary.wording import clock_text

NONE = "-"
TINY = 1e-9  # what is left of a sum that is nothing
COUNTED = ("orders", "count", "messages", "1")  # units that the name already says


def when(ms: float | None) -> str:
    """Milliseconds since the start as `day 14 08:00`; negative or None is `-`."""
    return NONE if ms is None or ms < 0 else clock_text(int(ms))


def moment(ms: float | None) -> str:
    """As `when`, with seconds where they tell something: `day 14 08:00:02`."""
    if ms is None or ms < 0:
        return NONE
    seconds = int(ms) // 1000 % 60
    return when(ms) + (f":{seconds:02d}" if seconds else "")


def span(ms: float | None) -> str:
    """A duration: `3.0 d`, `5.2 h`, `12 min`, `4 s`, `250 ms`."""
    if ms is None:
        return NONE
    for unit, size, digits in (("d", MS_PER_DAY, 1), ("h", MS_PER_H, 1), ("min", MS_PER_MIN, 0), ("s", 1000, 0)):
        if abs(ms) >= (size if unit != "d" else 2 * size):
            return f"{ms / size:,.{digits}f} {unit}"
    return f"{ms:.0f} ms" if ms else "0 s"


def lasting(begin_ms: int, end_ms: int) -> str:
    """How long a disruption lasts: ` for 3.0 d`, ` to the end of the run`; empty of what happens in an instant."""
    if end_ms < 0:
        return " to the end of the run"
    return f" for {span(end_ms - begin_ms)}" if end_ms > begin_ms else ""


def amount(value: float | None, sign: bool = False) -> str:
    """A number at a glance, about three significant digits: 12.3 k, 4.56 M, 17, 0.42."""
    if value is None:
        return NONE
    plus = "+" if sign and value > 0 else ""
    size = abs(value)
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit * 0.99995:
            scale = limit if letter != "k" else 1e3
            return f"{plus}{_three(value / scale)} {letter}"
    if size < TINY:
        return "0"
    if size == int(size) or size >= 1000:
        return f"{plus}{value:,.0f}"
    return f"{plus}{_three(value)}"


def _three(value: float) -> str:
    size = abs(value)
    if size < 0.005:
        return f"{value:.1g}"
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def quantity(value: float | None, unit: str, sign: bool = False) -> str:
    """A value with its unit: `93.4 %` for a share, `12.3 k EUR`, `3.0 d`, `34.2 pcs/h`, `1,234`."""
    if value is None:
        return NONE
    if unit == "share":
        return f"{value * 100:{'+' if sign else ''}.1f} %"
    return f"{amount(value, sign)} {unit}".rstrip() if unit not in COUNTED else amount(value, sign)


def _scale(size: float) -> tuple[float, str]:
    for limit, scale, letter in ((1e9, 1e9, " G"), (1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if size >= limit * 0.99995:
            return scale, letter
    return 1.0, ""


def plus_minus(mean: float | None, half: float | None, unit: str) -> str:
    """A mean with half its interval in one scale: `60.9 ±2.2 k EUR`, `94.6 ±0.4 %`."""
    if mean is None or half is None or half <= 1e-3 * abs(mean):
        return quantity(mean, unit)
    if unit == "share":
        return f"{mean * 100:.1f} ±{_short(half * 100)} %"
    scale, letter = _scale(abs(mean))
    shown = "" if unit in COUNTED else f" {unit}"
    return f"{_short(mean / scale)} ±{_short(half / scale)}{letter}{shown}"


def between(low: float | None, high: float | None, unit: str) -> str:
    """An interval of a difference in one scale: `-49.8 k .. -46.2 k EUR`, of shares in points; empty when there is none
    or it has no width."""
    if low is None or high is None or high - low <= max(TINY, 1e-9 * max(abs(low), abs(high))):
        return ""
    scale, letter = (0.01, "") if unit == "share" else _scale(max(abs(low), abs(high)))
    shown = "points" if unit == "share" else "" if unit in COUNTED else unit
    return f"{_signed(low / scale)}{letter} .. {_signed(high / scale)}{letter} {shown}".rstrip()


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + _short(value)


def _short(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 or value == int(value) else f"{value:.1f}" if size >= 1 else f"{value:.2g}"


def points(value: float | None, unit: str) -> str:
    """A difference with its sign; of shares in points."""
    if value is not None and unit == "share":
        shown = value * 100
        said = "0" if abs(shown) < TINY else f"{shown:+.1f}" if abs(shown) >= 0.05 else f"{shown:+.1g}"
        return f"{said} points"
    return quantity(value, unit, sign=True)


def money(minor: float | None, currency: str, sign: bool = False) -> str:
    """Minor units as money: `12.3 k EUR`."""
    return quantity(None if minor is None else minor / 100, currency, sign)


def exact_money(minor: int | None, currency: str) -> str:
    """Minor units in full: `23,400.50 EUR`, whole amounts without cents."""
    if minor is None:
        return NONE
    digits = 0 if minor % 100 == 0 else 2
    return f"{minor / 100:,.{digits}f} {currency}"


def pieces(count: int) -> str:
    return f"{count:,} pcs"


def plural(count: int, word: str) -> str:
    """`1 order`, `3 orders`."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def listed(words: Iterable[str], limit: int = 6) -> str:
    """`a, b and c`, cut with a count."""
    words = list(words)
    if len(words) > limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit:,} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
