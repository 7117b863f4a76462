"""Lots: what a quantity becomes when only whole ones can be made, or so many at least be bought."""


def whole(pieces: int, lot: int) -> int:
    """`pieces` rounded up to whole lots of `lot` pieces (lot >= 1)."""
    return -(-pieces // lot) * lot


def within(pieces: int, lot: int) -> int:
    """The pieces of the whole lots that `pieces` have room for (lot >= 1)."""
    return pieces // lot * lot


def at_least(pieces: int, minimum: int) -> int:
    """`pieces`, or a supplier's minimum when that is more."""
    return max(pieces, minimum)
