"""Integrals, gaps and peaks of levels, against counting every millisecond."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plants.kpis.figures import Peak, Percentile, Ratio, Table, Total
from plants.kpis.levels import Changes, areas, gaps, peaks

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 15), st.integers(-9, 9)), min_size=1, max_size=25
)


def changes(rows: list[tuple[int, int, int, int]]) -> Changes:
    key, time, length, pieces = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Changes(key, time, time + length, pieces)


def level(rows: list[tuple[int, int, int, int]], key: int, at: float) -> float:
    """The level at an instant, what happens in it included."""
    return sum(
        n * (1.0 if length == 0 or at >= time + length else (at - time) / length)
        for k, time, length, n in rows
        if k == key and at >= time
    )


STEP = 1 / 64  # small enough that a straight line crosses nothing twice, exact in binary


@settings(max_examples=60, derandomize=True, deadline=None)
@given(ROWS, st.integers(0, 20), st.integers(1, 40))
def test_integrals_and_gaps_are_those_of_counting_every_instant(
    rows: list[tuple[int, int, int, int]], begin: int, length: int
) -> None:
    end, of = begin + length, changes(rows)
    found, off = areas(of, 3, begin, end), gaps(of, 3, begin, end)
    for key in range(3):
        middles = [level(rows, key, begin + (n + 0.5) * STEP) for n in range(int(length / STEP))]
        assert found[key] == pytest.approx(sum(middles) * STEP, abs=1e-6)
        assert off[key] == pytest.approx(sum(map(abs, middles)) * STEP, abs=0.02)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(ROWS, st.integers(0, 30))
def test_a_peak_is_the_highest_level_between_instants(rows: list[tuple[int, int, int, int]], begin: int) -> None:
    at_once = [(key, time, 0, n) for key, time, _, n in rows]
    found = peaks(changes(at_once), 3, begin)
    for key in range(3):
        times = [max(begin, time) for k, time, _, _ in at_once if k == key]
        assert found[key] == max([0, *(level(at_once, key, t) for t in times)])


def test_what_comes_and_goes_in_the_same_millisecond_was_never_there() -> None:
    assert peaks(Changes.at_once([0, 0, 0, 0], [5, 5, 7, 9], [90, -90, 3, -3]), 1, 0).tolist() == [3]


def test_whole_numbers_are_added_exactly_however_long_a_run_is() -> None:
    of = Changes.at_once([0, 0], [0, 1], [3_000_001, -3_000_000])
    assert areas(of, 1, 0, 10**11).tolist() == [10**11 + 3_000_000]


NAMES = {"customer": ["b", "a", "c"], "item": ["X", "Y"]}


def test_a_ratio_divides_the_sums_of_the_whole_and_of_each_place() -> None:
    table = Table.of(4, NAMES, {"customer": ["a", "b", "a", "z"], "item": ["X", "X", "Y", "Y"]})
    share = Ratio(table.sum([1, 0, 1, 1]), table.sum([1, 1, 2, 4]))
    assert share.whole() == 3 / 8
    assert share.by("customer") == {"b": 0.0, "a": 2 / 3, "c": None}  # nothing is known of c, and z is no customer
    assert share.by("item") == {"X": 0.5, "Y": 2 / 6}
    assert (share.by("lane"), share.dimensions) == ({}, ("customer", "item"))


def test_a_total_is_known_by_the_places_that_all_its_parts_are_known_by() -> None:
    both = Table.of(2, NAMES, {"customer": ["a", "b"], "item": ["X", "Y"]}).sum([100, 250], 100)
    one = Table.of(1, NAMES, {"item": ["Y"]}).sum([7])
    total = Total([both, one])
    assert (total.whole(), total.dimensions, total.by("item")) == (10.5, ("item",), {"X": 1.0, "Y": 9.5})


def test_percentiles_and_peaks_are_known_by_place_as_well() -> None:
    table = Table.of(4, NAMES, {"customer": ["a", "b", "a", "b"]})
    half = Percentile(table, np.array([10.0, 20.0, 30.0, 40.0]), 0.5, 10)
    assert (half.whole(), half.by("customer")) == (3.0, {"b": 4.0, "a": 3.0, "c": None})
    high = Peak(table, np.array([1, 2, 3, 4]), np.array([5, 2, -5, 9]), 0)
    assert (high.whole(), high.by("customer")) == (11.0, {"b": 11.0, "a": 5.0, "c": 0.0})
