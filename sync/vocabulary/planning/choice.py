"""Choices: who supplies, who serves, which line makes. The file's order decides; "" where nobody can."""

from collections.abc import Sequence


def source(sources: Sequence[str]) -> str:
    """Who replenishes a place: the first of its list."""
    return sources[0] if sources else ""


def server(served_by: Sequence[str]) -> str:
    """Who serves a customer's order: the first of the list."""
    return served_by[0] if served_by else ""


def line(makers: Sequence[str], named: str = "") -> str:
    """Which of the lines that make an item gets an order: the one named, when it is one of them, else the first."""
    return named if named in makers else next(iter(makers), "")


def may_serve(serves: Sequence[str] | None, customer: str) -> bool:
    """Whether a site may deliver to a customer; `serves` None: to anybody."""
    return serves is None or customer in serves
