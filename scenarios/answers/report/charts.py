"""Charts of the report: intervals as dots with whiskers, and levels over time with the disruptions shaded."""

from collections.abc import Mapping, Sequence
from math import floor, log10

from scenarios.answers.report.markup import Markup, el, svg, text
from scenarios.answers.wording import amount, quantity
from scenarios.runs.intervals import Interval
from sync.vocabulary.quantities import MS_PER_DAY

Series = Sequence[tuple[int, float]]


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers that cover [low, high], about `count` of them."""
    span = high - low
    if span <= 0:
        return [low]
    step = 10 ** floor(log10(span / count))
    for factor in (1, 2, 2.5, 5, 10):
        if span / (step * factor) <= count:
            step *= factor
            break
    first = floor(low / step)
    return [n * step for n in range(first, first + count + 3) if low - 1e-9 * span <= n * step <= high + 1e-9 * span]


def whiskers(values: Mapping[str, Interval], unit: str, points: Mapping[str, Sequence[float | None]]) -> Markup:
    """One row per way: faint dots for the replications, the mean, and the 95 % interval around it."""
    width, row, left, right = 520.0, 26.0, 92.0, 116.0
    known = [v for of in points.values() for v in of if v is not None]
    known += [v for i in values.values() for v in (i.low, i.high, i.mean) if v is not None]
    if not known:
        return el("p", "not defined in this run", class_="faint")
    low, high = min(known), max(known)
    pad = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    low, high = low - pad, high + pad

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (width - left - right)

    height = row * len(values) + 24
    drawn: list[Markup] = []
    for tick in ticks(low, high):
        drawn.append(el("line", x1=x(tick), x2=x(tick), y1=4.0, y2=height - 20, class_="grid"))
        shown = amount(tick * 100) if unit == "share" else amount(tick)
        drawn.append(text(x(tick), height - 6, shown, "tick", "middle"))
    for n, (way, of) in enumerate(values.items()):
        y = 4 + row * (n + 0.5)
        drawn.append(text(left - 12, y + 4, way, "label", "end"))
        drawn += [el("circle", cx=x(v), cy=y, r=2.5, class_=f"dot {way}") for v in points[way] if v is not None]
        if of.low is not None and of.high is not None:
            drawn.append(el("line", x1=x(of.low), x2=x(of.high), y1=y, y2=y, class_=f"whisker {way}"))
            drawn += [
                el("line", x1=x(v), x2=x(v), y1=y - 5, y2=y + 5, class_=f"whisker {way}") for v in (of.low, of.high)
            ]
        if of.mean is not None:
            drawn.append(el("circle", cx=x(of.mean), cy=y, r=5.0, class_=f"mean {way}"))
        drawn.append(text(width - right + 12, y + 4, quantity(of.mean, unit), "value"))
    return svg(width, height, "mean and 95 % interval per way of working", drawn, class_="whiskers")


def over_time(lines: Mapping[str, Series], windows: Sequence[tuple[int, int, str]], horizon_ms: int, warmup_ms: int,
              label: str) -> Markup:  # fmt: skip
    """Levels over time, one line per way; disruption windows (from, to, title) shaded, the warm-up hatched."""
    width, height, left, right, top, bottom = 760.0, 210.0, 52.0, 12.0, 22.0, 26.0
    highest = max((v for line in lines.values() for _, v in line), default=0.0) * 1.06 or 1.0

    def x(ms: float) -> float:
        return left + ms / horizon_ms * (width - left - right)

    def y(value: float) -> float:
        return height - bottom - value / highest * (height - top - bottom)

    drawn: list[Markup] = []
    if warmup_ms:
        drawn.append(_band(x(0), x(warmup_ms), top, height - bottom, "warmup"))
        drawn.append(text(x(0) + 6, top - 7, "warm-up, not counted", "tick"))
    for begin, end, title in windows:
        stop = horizon_ms if end < 0 else min(end, horizon_ms)
        drawn.append(_band(x(begin), max(x(stop), x(begin) + 2), top, height - bottom, "window"))
        edge = x(begin) > width - 160
        drawn.append(text(x(stop) if edge else x(begin), top - 7, title, "tick bad", "end" if edge else "start"))
    for tick in ticks(0, highest):
        drawn.append(el("line", x1=left, x2=width - right, y1=y(tick), y2=y(tick), class_="grid"))
        drawn.append(text(left - 8, y(tick) + 4, amount(tick), "tick", "end"))
    for day in ticks(0, horizon_ms / MS_PER_DAY, 9):
        last = x(day * MS_PER_DAY) > width - right - 24  # would stand out of the picture
        drawn.append(text(x(day * MS_PER_DAY), height - 8, f"day {day:.0f}", "tick", "end" if last else "middle"))
    for way, line in lines.items():
        path = " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in line)
        drawn.append(el("polyline", points=path, class_=f"level {way}"))
    return svg(width, height, label, drawn, class_="levels")


def _band(x1: float, x2: float, y1: float, y2: float, class_: str) -> Markup:
    return el("rect", x=x1, y=y1, width=x2 - x1, height=y2 - y1, class_=class_)


def legend(ways: Sequence[str]) -> Markup:
    """Which colour is which way."""
    return el("p", [el("span", el("i", class_=way), way, class_="key") for way in ways], class_="legend")
