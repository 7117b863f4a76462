"""Stock policies: what to order for a place, from its inventory position.

position = book stock + on order (and in production) - open demand   (pieces; below 0: more is asked for than comes)
"""

from typing import Protocol

from sync.vocabulary.planning import lots


class Rule(Protocol):
    """How a place is replenished. kind: sS, rq or review; s, big_s: of (s, S), big_s also of a review; r, q: of
    (r, Q). Pieces."""

    @property
    def kind(self) -> str: ...
    @property
    def s(self) -> int: ...
    @property
    def big_s(self) -> int: ...
    @property
    def r(self) -> int: ...
    @property
    def q(self) -> int: ...


def to_order(rule: Rule, position: int) -> int:
    """Pieces to order when the rule is asked at this position: a review in its interval, the others at every change."""
    if rule.kind == "review":
        return up_to(position, rule.big_s)
    if rule.kind == "rq":
        return in_packs(position, rule.r, rule.q)
    return from_reorder_point(position, rule.s, rule.big_s)


def reorder_level(rule: Rule) -> int:
    """The highest position at which the rule orders at once; 0 for a review, which waits for its interval."""
    return {"sS": rule.s, "rq": rule.r}.get(rule.kind, 0)


def level(rule: Rule) -> int:
    """The position that the rule lifts to at most."""
    return rule.r + rule.q if rule.kind == "rq" else rule.big_s


def up_to(position: int, level: int) -> int:
    """Base stock: what is lacking to `level`."""
    return max(level - position, 0)


def from_reorder_point(position: int, s: int, big_s: int) -> int:
    """(s, S): nothing while the position is above `s`, else what is lacking to `big_s`."""
    return up_to(position, big_s) if position <= s else 0


def in_packs(position: int, r: int, q: int) -> int:
    """(r, Q): as few packs of `q` (>= 1) as lift the position above `r`."""
    return lots.whole(r - position + 1, q) if position <= r else 0


def lacking(position: int) -> int:
    """What is made on order: the demand that nothing stands behind, what yield took from finished orders included."""
    return max(-position, 0)
