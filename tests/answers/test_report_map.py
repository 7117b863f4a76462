"""The report's map: no label on another, places apart, customers where they are or beside who serves them."""

import random
from dataclasses import replace
from itertools import combinations

import pytest

from plants.definition import CustomerSpec, NetworkSpec
from scenarios.answers.report.labels import Asked, Box, apart, marks, placed
from scenarios.answers.report.network import layout, network_picture
from scenarios.answers.report.report import render_report
from tests.common.fabricated import run_result

WIDTH, HEIGHT = 920.0, 560.0


def overlap(a: Box, b: Box) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


@pytest.mark.parametrize("seed", range(12))
def test_no_label_covers_another_or_a_mark(seed: int) -> None:
    draw = random.Random(seed)
    middle = [(draw.uniform(200, 700), draw.uniform(100, 400)) for _ in range(4)]
    spots = [(draw.gauss(x, 40), draw.gauss(y, 40)) for x, y in middle for _ in range(8)]
    spots = apart(spots, 34.0, WIDTH, HEIGHT)
    asked = [
        Asked(x, y, 11.0, (f"a-place-{n}" * (1 + n % 2), "12.3 k pcs")[: 1 + n % 2], 12.0)
        for n, (x, y) in enumerate(spots)
    ]
    boxes = [label.box for label in placed(asked, WIDTH, HEIGHT)]
    assert len(boxes) == 32
    assert not [1 for a, b in combinations(boxes, 2) if overlap(a, b)]
    assert not [1 for box in boxes for mark in marks(asked) if overlap(box, mark)]
    assert all(box.left >= 0 and box.top >= 0 and box.right <= WIDTH and box.bottom <= HEIGHT for box in boxes)


@pytest.mark.parametrize("spots", [
    [(50.0, 50.0)] * 6,
    [(50.0, 50.0), (51.0, 50.0), (50.0, 51.0)],
    [(0.0, 0.0), (1.0, 0.0), (899.0, 539.0), (900.0, 540.0)],
])  # fmt: skip
def test_places_that_would_hide_each_other_are_pushed_apart(spots: list[tuple[float, float]]) -> None:
    found = apart(spots, 30.0, 900.0, 540.0)
    near = [1 for a, b in combinations(found, 2) if (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 < 29.0**2]
    assert not near and all(0 <= x <= 900 and 0 <= y <= 540 for x, y in found)


def test_what_is_far_apart_is_left_where_it_is() -> None:
    spots = [(10.0, 10.0), (400.0, 20.0), (200.0, 300.0)]
    assert apart(spots, 30.0, 900.0, 540.0) == spots


def mapped(**at: tuple[float, float]) -> NetworkSpec:
    """The three plants with coordinates; customers and suppliers only where `at` says so."""
    model = run_result(reps=1).model
    assert model
    network = model.network
    where = {"lyon": (45.8, 4.8), "brno": (49.2, 16.6), "porto": (41.2, -8.6), "dc-west": (48.9, 2.3),
             "dc-east": (52.2, 21.0), **at}  # fmt: skip

    def sited(places: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(replace(p, at=where.get(p.id.replace("-", "_"), where.get(p.id))) for p in places)

    return replace(
        network, plants=sited(network.plants), warehouses=sited(network.warehouses),
        customers=sited(network.customers), suppliers=sited(network.suppliers),
    )  # fmt: skip


def test_a_customer_with_coordinates_stands_where_it_is() -> None:
    places = layout(mapped(west=(40.4, -3.7)))
    assert places["west"].located and places["west"].x < places["dc-west"].x and places["west"].y > places["lyon"].y


def test_a_customer_without_stands_beside_who_serves_it_and_is_marked() -> None:
    network = mapped()
    places = layout(network)
    for customer, site in (("west", "dc-west"), ("east", "dc-east")):
        a, b = places[customer], places[site]
        assert not a.located and abs(a.x - b.x) + abs(a.y - b.y) < 90
    picture = str(network_picture(network, {}, ()))
    assert "customer west (not located)" in picture and "plant lyon (not located)" not in picture


def test_many_customers_of_one_site_stand_apart() -> None:
    network = mapped()
    more = tuple(CustomerSpec(f"c-{n}", ("dc-west",)) for n in range(12))
    places = layout(replace(network, customers=(*network.customers, *more)))
    spots = [(p.x, p.y) for p in places.values()]
    assert min((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for a, b in combinations(spots, 2)) > 30.0**2


def test_every_inventory_is_told_stock_and_under_way() -> None:
    run = run_result(reps=1)
    rows = [
        ("stock", "plant", "lyon", 21_324.0),
        ("stock", "warehouse", "dc-west", 1_214.0),
        ("wip", "line", "lyon.L1", 17.0),
        ("in_transit", "lane", "kyoto>lyon", 12_371.0),
        ("stock", "item", "BEARING", 5.0),
    ]
    for reps in run.ways.values():
        reps[0].tables["kpis"] = {
            k: [row[n] for row in rows] for n, k in enumerate(("kpi", "dimension", "id", "value"))
        }
    page = render_report(run)
    for words in ("Where the goods were", "21,324", "1,214", "12,371", "21.3 k pcs", "12.4 k under way on average"):
        assert words in page, words
