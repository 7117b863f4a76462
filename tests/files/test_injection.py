"""Injected disruptions: what a live twin is asked for is judged as a scenario file would be, and the twin goes on."""

import pytest

from plants.errors import InvariantViolation
from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import assemble

LANE = "lyon>dc-west"


@pytest.fixture(scope="module")
def twin():
    built = assemble(load_scenario("line-stoppage").scenario, "synced", 1, disruptions=False)
    built.env.advance(86_400.0)
    return built


@pytest.mark.parametrize(
    ("kind", "target", "for_s", "extra", "reason"),
    [
        ("lane-slow", LANE, None, {"factor": "-1"}, "factor: -1 is negative. allowed: a number, at least 0"),
        ("lane-slow", LANE, None, {"factor": 0}, "factor: 0 is zero. allowed: a number above 0"),
        ("plant-slow", "lyon", None, {"factor": -1.0}, "factor: -1.0 is negative"),
        ("plant-slow", "lyon", None, {"factor": "1e300"}, "factor: 1e300 is too large"),
        ("plant-slow", "lyon", None, {"factor": 10**400}, "too large|OverflowError|Exceeds"),
        ("plant-slow", "lyon", None, {"factor": "1e-9"}, "factor: that makes 1e-09 of normal. allowed: 0.01 to 100"),
        ("plant-slow", "lyon", None, {}, "key 'factor' is missing. needed with plant-slow: factor"),
        ("plant-slow", "lyon", None, {"factor": "nan"}, "factor: 'nan' is not a number"),
        ("plant-slow", "lyon", None, {"factor": ".nan"}, "not a finite number"),
        ("plant-slow", "lyon", None, {"factor": float("inf")}, "not a finite number"),
        ("plant-slow", "lyon", None, {"factor": True}, "factor: true is not a number"),
        ("plant-slow", "lyon", None, {"factor": [1]}, "factor: a list is not a number"),
        ("plant-slow", "lyon", None, {"factor": None}, "factor: the value is empty"),
        ("stock-loss", "lyon", None, {"item": "GEARBOX-A", "share": "-9"}, "share: -9 .* allowed: a share from 0 to 1"),
        ("stock-loss", "lyon", None, {"item": "GEARBOX-X", "share": 1}, "unknown item 'GEARBOX-X'.* did you mean"),
        ("stock-loss", "lyon", 5.0, {"item": "GEARBOX-A", "share": 1}, "stock-loss has no duration"),
        ("demand-change", "west", None, {"factor": "-5"}, "factor: -5 is negative"),
        ("demand-change", "west", None, {"factor": 1e6}, "makes 1e\\+06 of normal. allowed: 0.01 to 100 of normal"),
        ("line-down", "lyon.L1", None, {"bogus": 1}, "key 'bogus' does not go .* allowed: no key of its own"),
        ("line-down", "lyon.L1", None, {"at": 3}, "key 'at' does not go"),
        ("line-down", "lyon.L1", None, {"kind": "x"}, "key 'kind' does not go"),
        ("line-down", "lyon.L1", None, {"target": "x"}, "key 'target' does not go"),
        ("line-slow", "lyon.L1", None, {"kind2": "x", "factor": 1}, "key 'kind2' does not go"),
        ("line-down", "lyon.L1", 0.0, {}, "for: .* no time at all. allowed: a duration above 0"),
        ("line-down", "lyon.L1", -5.0, {}, "for: .* negative"),
        ("line-down", "lyon.L1", float("nan"), {}, "for: .* not a finite number"),
        ("line-down", "lyon.L1", 1e15, {}, "for: .* too l"),
        ("line-down", "lyon.L1", "3d", {}, "for: '3d' is not a number"),
        ("line-down", "lyon.L9", None, {}, "line-down needs a line as target, and 'lyon.L9' is none"),
        ("line-dwn", "lyon.L1", None, {}, "no disruption 'line-dwn'.* did you mean 'line-down'"),
        ("system-down", "lyon.cmms", None, {}, "needs a system"),
        ("supplier-late", "kyoto", None, {"by": 5}, "by: 5 has no unit|by: '5' has no unit"),
        ("supplier-late", "kyoto", None, {"by": "{empirical: /etc/passwd}"}, "by: a file cannot be injected"),
        ("supplier-late", "kyoto", None, {"by": {"empirical": "x.csv"}}, "by: a file cannot be injected"),
        ("supplier-late", "kyoto", None, {"by": "{uniform: [2d"}, "by: .* cannot be read. allowed: a plain value"),
        ("supplier-late", "kyoto", None, {"by": "5" * 1000}, "by: 1000 characters. allowed: at most 200"),
        ("line-down", "lyon.L1", None, {"self": 1, "world": 2}, "key 'self' does not go"),
        ("supplier-late", "kyoto", None, {"by": ""}, "by: '' cannot be read"),
        ("supplier-late", "kyoto", None, {"by": "*a"}, "cannot be read"),
        ("lane-closed", LANE, None, {"goods": "burn"}, "goods: unknown value 'burn'. allowed: hold, divert"),
        ("lane-closed", LANE, None, {"goods": "divert"}, "'goods: divert' and 'via' go together"),
        ("lane-closed", LANE, None, {"goods": "divert", "via": "a>b"}, "via: unknown lane 'a>b'"),
        ("channel", "erp", None, {"message": "gossip"}, "message: unknown message type 'gossip'"),
        ("channel", "erp", None, {"loses": 2}, "loses: 2 is outside the range"),
        ("labour-absence", "lyon", None, {"share": 0.999999}, "share: that makes 1e-06 of normal"),
        ("quality-hold", "lyon", None, {"item": "GEARBOX-A", "lots": 0.5}, "lots: 0.5 is not whole"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_happens(
    twin, kind, target, for_s, extra, reason
) -> None:
    before = dict(twin.disruptions.happened)
    with pytest.raises(ValueError, match=reason) as caught:
        twin.inject(kind, target, for_s, **extra)
    assert "\n" not in str(caught.value)
    assert twin.disruptions.happened == before


def test_the_twin_goes_on_after_every_refusal_and_what_is_allowed_happens(twin) -> None:
    assert twin.inject("supplier-late", "kyoto", 86_400.0, by="5d") == "injected-1"
    assert twin.inject("supplier-late", "kyoto", None, by="{uniform: [1d, 2d]}", item="BEARING") == "injected-2"
    assert twin.inject("lane-closed", LANE, 3600.0, goods="lose") == "injected-3"
    assert twin.inject("channel", "lyon.mes", 3600.0, loses=0.5, clock_skew="5min") == "injected-4"
    assert twin.inject("plant-slow", "lyon", for_s=3600.0, factor="0.5") == "injected-5"
    assert twin.inject("quality-hold", "lyon", None, item="GEARBOX-A", decided_after="1d") == "injected-6"
    twin.env.advance(3 * 86_400.0)
    twin.finish()
    ended = {i: h.to_ms for i, h in twin.disruptions.happened.items()}
    assert ended["injected-3"] == ended["injected-4"] == ended["injected-5"] == 86_400_000 + 3_600_000


def test_factors_that_pile_up_are_refused_where_the_world_would_no_longer_bear_them(twin) -> None:
    for kind, target in (("demand-change", "east"), ("line-slow", "brno.L1"), ("lane-slow", "lyon>dc-east")):
        twin.inject(kind, target, None, factor=50)
        with pytest.raises(ValueError, match=r"with what is in force 2\.5e\+03\. allowed: 0\.01 to 100"):
            twin.inject(kind, target, None, factor=50)


def test_a_fault_of_ours_inside_one_wish_is_its_reason_and_leaves_no_trace(twin, monkeypatch) -> None:
    def fail(_) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(twin.disruptions, "begin", fail)
    before = dict(twin.disruptions.happened)
    with pytest.raises(ValueError, match="ZeroDivisionError: by zero"):
        twin.inject("line-down", "lyon.L1")
    assert twin.disruptions.happened == before

    def violate(_) -> None:
        raise InvariantViolation("mass", 0, "event", "lyon", "1", "2")

    monkeypatch.setattr(twin.disruptions, "begin", violate)
    with pytest.raises(InvariantViolation):
        twin.inject("line-down", "lyon.L1")
