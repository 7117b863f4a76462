"""Written values become canonical ones exactly, or are refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.files import units
from scenarios.files.nodes import resolve
from scenarios.files.weeks import as_week
from sim.streams import Law
from sync.vocabulary.errors import Refused

EXACT = settings(derandomize=True, max_examples=100, deadline=None)


def no_file(name: str, unit: units.Unit) -> tuple[float, ...]:
    raise AssertionError(f"no file was named, yet {name} is read")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("30s", 30),
        ("45min", 2700),
        ("20h", 72_000),
        ("6d", 518_400),
        ("2w", 1_209_600),
        ("1.5h", 5400),
        ("1e3s", 1000),
        ("30 s", 30),
        ("0", 0),
        ("0.1s", 0.1),
    ],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert units.seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("14d 08:00", 1_238_400), ("0d 00:30", 1800), ("2w 23:59", 1_295_940), ("20h", 72_000)]
)
def test_an_instant_may_end_in_a_clock_time(text: str, seconds: float) -> None:
    assert units.instant(text) == seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", "12:30"),
        ("no", "no"),
        ("on", "on"),
        ("010", 10),
        ("0o10", 8),
        ("0x10", 16),
        ("1_000", "1_000"),
        ("2026-01-05", "2026-01-05"),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        ("true", True),
        ("True", True),
        ("yes", "yes"),
        ("null", None),
        ("~", None),
        ("", None),
        ("1e999", float("inf")),
        ("１２", "１２"),
    ],
)
def test_a_plain_scalar_is_resolved_by_the_core_schema(text: str, value: Any) -> None:
    found = resolve(text)
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


@EXACT
@given(st.integers(0, 10**6), st.sampled_from(sorted(units.SECONDS)))
def test_a_whole_duration_is_exact(number: int, unit: str) -> None:
    exact = number * Decimal(units.SECONDS[unit])
    if exact <= units.LONGEST_S:
        assert units.seconds(f"{number}{unit}") == float(exact)
    else:
        with pytest.raises(Refused):
            units.seconds(f"{number}{unit}")


@EXACT
@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        assert 0 <= units.seconds(text) <= units.LONGEST_S
    except Refused as refusal:
        assert "\n" not in refusal.message


@EXACT
@given(st.integers(0, 10**9))
def test_money_is_exact_to_the_hundredth(hundredths: int) -> None:
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    assert units.minor(text, "EUR") == hundredths
    assert units.minor(f"{text} EUR", "EUR") == hundredths
    assert units.micro(resolve(text), "EUR") == hundredths * 10_000


@pytest.mark.parametrize(
    ("text", "per_day"),
    [("1013/d", 1013), ("10/h", 240), ("1/s", 86_400), ("1/min", 1440), ("14/w", 2), ("5 pcs/d", 5)],
)
def test_a_rate_is_read_per_day(text: str, per_day: float) -> None:
    assert units.per_day(text) == per_day


def test_prices_and_penalties_carry_their_unit() -> None:
    assert units.lane_cost("1.9/pcs", "EUR") == (1_900_000, 0)
    assert units.lane_cost("35/shipment", "EUR") == (0, 3500)
    assert units.lane_cost("35/shipment + 0.125/pcs", "EUR") == (125_000, 3500)
    assert units.penalty("12/pcs/d", "EUR") == (1200, "pcs")
    assert units.penalty("1000 USD/order/d", "USD") == (100_000, "order")
    assert units.price_per_piece("1.9/pcs", "EUR") == units.price_per_piece(resolve("1.9"), "EUR") == 1_900_000


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("30s", Law("constant", (30.0,))),
        ({"exponential": "1min"}, Law("exponential", (60.0,))),
        ({"normal": {"mean": "2d", "sd": "8h"}}, Law("normal", (172_800.0, 28_800.0))),
        ({"lognormal": {"cv": resolve("0.2"), "mean": "30s"}}, Law("lognormal", (30.0, 0.2))),
        ({"gamma": {"mean": "30s", "cv": 1}}, Law("gamma", (30.0, 1.0))),
        ({"erlang": {"mean": "30s", "k": 3}}, Law("erlang", (30.0, 3.0))),
        ({"weibull": {"scale": "1h", "shape": 2}}, Law("weibull", (3600.0, 2.0))),
        ({"uniform": ["1d", "4d"]}, Law("uniform", (86_400.0, 345_600.0))),
        ({"triangular": ["1s", "2s", "4s"]}, Law("triangular", (1.0, 2.0, 4.0))),
    ],
)
def test_a_distribution_is_read_in_seconds(written: Any, law: Law) -> None:
    assert units.law(written, units.seconds, no_file) == law


@pytest.mark.parametrize(
    ("written", "sub"),
    [
        ({"exponential": 0}, ("exponential",)),
        ({"normal": {"mean": "2d", "sd": "-8h"}}, ("normal", "sd")),
        ({"lognormal": {"mean": "30s", "cv": resolve(".nan")}}, ("lognormal", "cv")),
        ({"weibull": {"scale": "1h", "shape": 0}}, ("weibull", "shape")),
        ({"uniform": ["4d", "1d"]}, ("uniform",)),
        ({"uniform": ["4d", "1x"]}, ("uniform", 1)),
        ({"triangular": ["1s", "5s", "4s"]}, ("triangular",)),
        ({"uniform": ["1d"]}, ("uniform",)),
        ({"exponential": "1s", "normal": {}}, ()),
    ],
)
def test_a_bad_parameter_is_refused_at_its_own_place(written: Any, sub: tuple[str | int, ...]) -> None:
    with pytest.raises(Refused) as refused:
        units.law(written, units.seconds, no_file)
    assert refused.value.sub == sub


def test_a_week_keeps_shifts_with_the_day_they_begin_on_and_joins_those_that_touch() -> None:
    week = as_week({"mon-tue": "22:00-06:00", "sat": ["06:00-10:00", "10:00-14:00"], "sun": "24h"})
    assert week == (
        ((1320, 1800),),
        ((1320, 1800),),
        (),
        (),
        (),
        ((360, 840),),
        ((0, 1440),),
    )
