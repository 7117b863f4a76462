"""Markup made of functions: every text is escaped unless it is markup already, so a name can never become code."""

from collections.abc import Iterable
from html import escape

VOID = ("line", "rect", "circle", "path", "br", "meta", "polyline")


class Markup(str):
    """Text that is markup already."""


def el(tag: str, *children: object, **attributes: object) -> Markup:
    """An element. Attribute `class_` is class, `stroke_width` is stroke-width; None is left out, floats are rounded."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inner = join(children)
    if tag in VOID and not inner:
        return Markup(f"<{tag}{written}/>" if tag not in ("br", "meta") else f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{inner}</{tag}>")


def join(children: Iterable[object]) -> Markup:
    """Children one after another; None and empty strings vanish, lists are flattened."""
    parts = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            parts.append(str(child))
        elif isinstance(child, (list, tuple)):
            parts.append(str(join(child)))
        else:
            parts.append(escape(str(child)))
    return Markup("".join(parts))


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def svg(width: float, height: float, label: str, *children: object, class_: str = "") -> Markup:
    """A drawing that scales with the page. `label` is what a screen reader says."""
    return el(
        "svg",
        el("title", label),
        *children,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        class_=class_ or None,
        xmlns="http://www.w3.org/2000/svg",
    )


def text(x: float, y: float, words: object, class_: str = "", anchor: str = "start") -> Markup:
    """Text in a drawing."""
    return el("text", words, x=x, y=y, class_=class_ or None, text_anchor=anchor)


def html_table(heads: Iterable[object], rows: Iterable[Iterable[object]], class_: str = "") -> Markup:
    """A table that scrolls sideways on a narrow screen. A head ending in `#` is a column of numbers."""
    heads = list(heads)
    numbers = [isinstance(h, str) and h.endswith("#") for h in heads]
    head = el("tr", [el("th", str(h).removesuffix("#"), class_="num" if n else None)
                     for h, n in zip(heads, numbers, strict=True)])  # fmt: skip
    body = [
        el("tr", [el("td", cell, class_="num" if n else None) for cell, n in zip(row, numbers, strict=True)])
        for row in rows
    ]
    return el("div", el("table", el("thead", head), el("tbody", body), class_=class_ or None), class_="scroll")
