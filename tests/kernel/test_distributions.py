"""One table of distributions: the leaf's enum, the draws of the world and of the floor follow it, row for row."""

import re
from math import sqrt
from pathlib import Path

import pytest

from sim.ahead import draws
from sim.ahead.twin import Sequence
from sim.distributions import DISTRIBUTIONS, ROWS, Distribution, fault_of
from sim.streams import Law, Streams

LEAF = Path(__file__).parents[2] / "sim" / "ahead" / "leaf.h"
ANY = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def example(row: Distribution) -> Law:
    return Law(row.name, row.example or (1.0, 2.0, 6.0))


def test_the_leaf_numbers_its_draws_as_the_table_does() -> None:
    enum = re.search(r"enum \{ (PS_CONSTANT.*?) \}", LEAF.read_text(encoding="utf-8"))
    assert enum
    assert [name.strip().removeprefix("PS_").lower() for name in enum[1].split(",")] == list(draws.NAMES)


@ANY
def test_the_example_of_a_row_can_be_drawn_from(row: Distribution) -> None:
    law = example(row)
    assert fault_of(law.kind, law.params) == ""
    assert fault_of(law.kind, (*law.params, *[1.0] * 9) if row.form != "file" else ()) != ""


@ANY
def test_the_mean_of_a_row_is_the_mean_of_what_is_drawn(row: Distribution) -> None:
    law = example(row)
    draw = Streams(7).draw("x", law)
    drawn = [draw() for _ in range(40_000)]
    mean = sum(drawn) / len(drawn)
    spread = sqrt(sum((x - mean) ** 2 for x in drawn) / len(drawn))
    assert abs(mean - law.mean) <= 5 * spread / sqrt(len(drawn))


@ANY
def test_a_keyed_draw_follows_the_row_and_belongs_to_its_cause_alone(row: Distribution) -> None:
    law = example(row)
    draw, again = Streams(7).keyed("x", law), Streams(7).keyed("x", law)
    drawn = [draw(f"cause {n}") for n in range(20_000)]
    mean = sum(drawn) / len(drawn)
    spread = sqrt(sum((x - mean) ** 2 for x in drawn) / len(drawn))
    assert abs(mean - law.mean) <= 5 * spread / sqrt(len(drawn))
    assert [again(f"cause {n}") for n in (19_999, 7, 3)] == [drawn[19_999], drawn[7], drawn[3]]
    if row.name != "constant":
        others = Streams(7, 1).keyed("x", law), Streams(8).keyed("x", law), Streams(7).keyed("y", law)
        assert all([of(f"cause {n}") for n in range(9)] != drawn[:9] for of in others)


def test_a_chance_is_uniform_and_belongs_to_its_cause_alone() -> None:
    chance = Streams(7).chance("x")
    drawn = [chance(str(n)) for n in range(20_000)]
    assert all(0.0 <= u < 1.0 for u in drawn) and chance("3") == drawn[3]
    counts = [sum(k / 20 <= u < (k + 1) / 20 for u in drawn) for k in range(20)]
    assert sum((n - 1000) ** 2 / 1000 for n in counts) < 43.8  # chi square, 19 degrees, 99.9 %


@ANY
def test_the_floor_draws_the_numbers_that_the_world_draws(row: Distribution) -> None:
    law = example(row)
    draw = Streams(7).draw("x", law)
    sequence = Sequence(*Streams(7).seed_of("x", law))
    assert [max(sequence.number(n), 0.0) for n in range(700)] == [draw() for _ in range(700)]


def test_a_row_of_the_table_is_found_by_its_name() -> None:
    assert [DISTRIBUTIONS[row.name] for row in ROWS] == list(ROWS)
    assert {row.draw for row in ROWS} <= set(draws.NAMES)
