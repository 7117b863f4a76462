"""Words and numbers as people read them: money, shares, durations, and moments as `day 14 08:00`.

A moment counts from the start of the run exactly as the scenario file writes it: `14d 08:00` is `day 14 08:00`.
"""

from collections.abc import Iterable

MS_PER_DAY = 86_400_000
MS_PER_HOUR = 3_600_000
MS_PER_MINUTE = 60_000
NONE = "-"


def when(ms: float | None) -> str:
    """Milliseconds since the start as `day 14 08:00`; negative or None is `-`."""
    if ms is None or ms < 0:
        return NONE
    day, rest = divmod(int(ms), MS_PER_DAY)
    hour, rest = divmod(rest, MS_PER_HOUR)
    return f"day {day} {hour:02d}:{rest // MS_PER_MINUTE:02d}"


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
    for unit, size, digits in (("d", MS_PER_DAY, 1), ("h", MS_PER_HOUR, 1), ("min", MS_PER_MINUTE, 0), ("s", 1000, 0)):
        if abs(ms) >= (size if unit != "d" else 2 * size):
            return f"{ms / size:,.{digits}f} {unit}"
    return f"{ms:.0f} ms" if ms else "0 s"


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
    if size == int(size) or size >= 1000:
        return f"{plus}{value:,.0f}"
    return f"{plus}{_three(value)}"


def _three(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def quantity(value: float | None, unit: str, sign: bool = False) -> str:
    """A value with its unit: `93.4 %` for a share, `12.3 k EUR`, `3.0 d`, `34.2 pcs/h`, `1,234`."""
    if value is None:
        return NONE
    if unit == "share":
        return f"{value * 100:{'+' if sign else ''}.1f} %"
    return f"{amount(value, sign)} {unit}".rstrip() if unit not in ("orders", "count", "1") else amount(value, sign)


def points(value: float | None, unit: str) -> str:
    """A difference with its sign; of shares in points."""
    if value is not None and unit == "share":
        return f"{value * 100:+.1f} points"
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
