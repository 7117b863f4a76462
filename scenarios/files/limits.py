"""Limits: `>= 95%`, as thresholds are written."""

import operator
import re
from collections.abc import Callable

_LIMIT = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*(%)?\s*", re.ASCII)
_JUDGES: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def parse_limit(text: str) -> tuple[str, float]:
    """`>= 95%` -> (">=", 0.95). A percent sign divides by 100. Raises ValueError for anything else."""
    found = _LIMIT.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is no threshold; write an operator and a number, such as '>= 95%' or '<= 20000'")
    op, number, percent = found.groups()
    return op, float(number) / (100.0 if percent else 1.0)


def holds(value: float, op: str, limit: float) -> bool:
    """Whether `value op limit`."""
    return _JUDGES[op](value, limit)
