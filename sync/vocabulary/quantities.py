"""Integers for everything that is counted, paid or timed.

Engine time is integer milliseconds since the scenario's start, money is integer minor units (cents), prices per piece
are integer micro currency units, quantities are integer pieces. Floats never reach a decision.
"""

from collections.abc import Iterable

MS_PER_MIN = 60_000
MS_PER_H = 3_600_000
MS_PER_DAY = 86_400_000
MICRO_PER_MINOR = 10_000
SLACK_MS, SLACK = 1e-6, 2.0**-48  # what rounding may add to an instant, in ms and as a share of it
MOST_MS = 10**13  # of an instant from outside: 316 years
MOST_PIECES = 10**12  # of one order, command, stock or level: beyond this, sums could leave 64-bit integers


def ceil_ms(seconds: float) -> int:
    """Seconds to whole milliseconds, rounded *up*: a stamp never lies before the thing it stamps."""
    scaled = seconds * 1_000.0
    whole = int(scaled)  # towards 0, which is up for what lies before the start
    if scaled <= 0.0:
        return whole if whole - scaled < 1.0 - SLACK_MS + scaled * SLACK else whole - 1
    # a product such as 0.1 * 3 * 1000 may exceed the whole number by one ulp, a sum of many terms by several; that is
    # no later instant
    return whole if scaled - whole < SLACK_MS + scaled * SLACK else whole + 1


def divide_half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded half to even, exactly, for a positive denominator."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and quotient % 2):
        quotient += 1
    return quotient


def price(micro_per_piece: int, pieces: int) -> int:
    """Minor units for `pieces` at `micro_per_piece` (1e-6 currency units each), rounded half to even."""
    if not micro_per_piece:
        return 0
    return divide_half_even(micro_per_piece * pieces, MICRO_PER_MINOR)


def penalty_per_day(penalty_minor: int, per: str, pieces: int) -> int:
    """Minor units for each day that an order of `pieces` is late: per piece when `per` is `pcs`, else once."""
    return penalty_minor * (pieces if per == "pcs" else 1)


def penalty_per_piece_micro(penalty_minor: int, per: str, pieces: int) -> int:
    """Micro currency units a day and piece of an order of `pieces`, rounded down."""
    return penalty_minor * MICRO_PER_MINOR // (1 if per == "pcs" else max(pieces, 1))


def late_cost_of_pieces(penalty_minor: int, pieces_late: Iterable[tuple[int, int]]) -> int:
    """Minor units for pieces that are each so late: (pieces, ms late), rounded once over all of them."""
    piece_ms = sum(pieces * late_ms for pieces, late_ms in pieces_late if late_ms > 0)
    return divide_half_even(penalty_minor * piece_ms, MS_PER_DAY)


def late_cost(penalty_minor: int, per: str, pieces: int, late_ms: int) -> int:
    """Minor units for an order `late_ms` late: its penalty per day x exact days."""
    if late_ms <= 0:
        return 0
    return divide_half_even(penalty_per_day(penalty_minor, per, pieces) * late_ms, MS_PER_DAY)
