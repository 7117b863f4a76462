"""The grammar of limits on KPIs, `>= 95%`: for thresholds in files, their judgement, and `compare --fail-if`."""

import operator
import re
from collections.abc import Callable

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
BOUND = rf"({'|'.join(OPERATORS)})\s*(-?\d+(?:\.\d+)?)\s*(%?)"  # operator, number, per cent
_BOUND = re.compile(rf"\s*{BOUND}\s*", re.ASCII)
# an order of values, not their identity: two runs are never the same to the last digit
_CONDITION = re.compile(rf"\s*([A-Za-z][\w.\-]*?)\s*(>=|<=|>|<)\s*({NUMBER})\s*(%?)\s*(?:@\s*({NUMBER})\s*%?\s*)?$")


def parse_limit(text: str) -> tuple[str, float]:
    """`>= 95%` -> (">=", 0.95). A per cent sign divides by 100. Raises ValueError for anything else."""
    found = _BOUND.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is no threshold; write an operator and a number, such as '>= 95%' or '<= 20000'")
    op, number, percent = found.groups()
    return op, float(number) / (100.0 if percent else 1.0)


def parse_change(text: str) -> tuple[str, str, str, bool, str]:
    """`otif<-1%@95` -> ("otif", "<", "-1", True, "95"): a KPI, an operator, a number as written, whether it is in per
    cent, and the confidence as written, "" without one. Raises ValueError for anything else."""
    found = _CONDITION.match(text)
    if not found:
        raise ValueError(f"'{text}' is no condition")
    kpi, op, number, percent, confidence = found.groups()
    return kpi, op, number, percent == "%", confidence or ""


def holds(value: float, op: str, limit: float) -> bool:
    """Whether `value op limit`."""
    return OPERATORS[op](value, limit)
