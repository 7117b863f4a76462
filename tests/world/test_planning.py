"""Rules of planning, each against an oracle that counts piece by piece and shares no code with it."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.vocabulary.planning import choice, lots, materials, stock

position = st.integers(-300, 300)
level = st.integers(0, 200)
pack = st.integers(1, 60)
names = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=4, unique=True)


@dataclass(frozen=True)
class Rule:
    kind: str
    s: int = 0
    big_s: int = 0
    r: int = 0
    q: int = 1


@given(position, level, level)
def test_at_the_reorder_point_so_much_is_ordered_that_the_position_stands_at_the_level(
    p: int, s: int, big: int
) -> None:
    ordered = 0
    if not p > s:
        while p + ordered < big:
            ordered += 1
    assert stock.to_order(Rule("sS", s=s, big_s=big), p) == ordered


@given(position, level)
def test_a_review_orders_up_to_the_level_however_little_is_lacking(p: int, big: int) -> None:
    ordered = 0
    while p + ordered < big:
        ordered += 1
    assert stock.to_order(Rule("review", big_s=big), p) == ordered


@given(position, level, pack)
def test_packs_are_ordered_until_the_position_is_above_the_reorder_point_and_not_one_more(
    p: int, r: int, q: int
) -> None:
    packs = 0
    while p + packs * q <= r:
        packs += 1
    assert stock.to_order(Rule("rq", r=r, q=q), p) == packs * q


@given(st.sampled_from(["sS", "rq", "review"]), st.integers(1, 200), st.integers(1, 200))
def test_the_reorder_level_is_the_last_position_at_which_the_rule_orders_at_once(kind: str, s: int, r: int) -> None:
    rule = Rule(kind, s=s if kind == "sS" else 0, big_s=500, r=r if kind == "rq" else 0)
    found = stock.reorder_level(rule)
    if kind == "review":
        assert found == 0
    else:
        assert stock.to_order(rule, found) > 0 and stock.to_order(rule, found + 1) == 0


@dataclass(frozen=True)
class Bill:
    item: str
    plant: str | None
    takes: str


@pytest.mark.parametrize("everybody", ["", None])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_plants_own_bill_goes_before_the_one_for_all_wherever_it_stands(
    everybody: str | None, backwards: bool
) -> None:
    bills = [Bill("X", everybody, "steel"), Bill("X", "lyon", "tin"), Bill("Y", "porto", "wood")]
    bills = bills[::-1] if backwards else bills
    assert {i: b.takes for i, b in materials.bills_at(bills, "lyon").items()} == {"X": "tin"}
    assert {i: b.takes for i, b in materials.bills_at(bills, "porto").items()} == {"X": "steel", "Y": "wood"}


@given(st.integers(0, 400), pack, st.integers(0, 400))
def test_whole_lots_cover_what_is_wanted_and_no_lot_is_idle(pieces: int, lot: int, minimum: int) -> None:
    made, fitting = 0, 0
    while made < pieces:
        made += lot
    while fitting + lot <= pieces:
        fitting += lot
    assert (lots.whole(pieces, lot), lots.within(pieces, lot)) == (made, fitting)
    assert lots.at_least(pieces, minimum) in (pieces, minimum)
    assert pieces <= lots.at_least(pieces, minimum) >= minimum


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12), pack)
def test_making_what_the_position_lacks_serves_every_order_whatever_yield_takes(
    orders: list[tuple[int, int]], lot: int
) -> None:
    """Orders of so many pieces, of whose lots so many are scrapped: after each top-up nothing is lacking any more."""
    book = 0
    for wanted, scrapped in orders:
        book -= wanted
        made = lots.whole(stock.lacking(book), lot)
        assert made == 0 or book + made - lot < 0
        book += made
        assert book >= 0
        book -= min(scrapped, made)
        book += lots.whole(stock.lacking(book), lot)
        assert book >= 0


@given(names, st.sampled_from(["", "a", "e"]))
def test_the_first_of_a_list_is_chosen_and_nobody_from_an_empty_one(listed: list[str], named: str) -> None:
    first = "".join(listed)[:1]
    makers = [choice.Maker(name) for name in listed]
    assert choice.source(listed) == choice.server(listed) == choice.line(makers) == first
    assert choice.line(makers, named) == (named if named == "a" and "a" in "".join(listed) else first)


@pytest.mark.parametrize(("serves", "may"), [(None, True), ((), False), (("west",), True), (("east",), False)])
def test_who_lists_its_customers_delivers_to_nobody_else(serves: tuple[str, ...] | None, may: bool) -> None:
    assert choice.may_serve(serves, "west") is may
