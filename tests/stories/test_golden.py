"""Whole worlds say and do what they did before (goldenworlds.py has the collection and how to renew it)."""

import pytest

from tests.common.goldenworlds import WORLDS, World, differences, golden, keep, made_with, portrait, simulated

SAMPLE = [w if w.seed == 1 else pytest.param(w, marks=pytest.mark.slow) for w in WORLDS]


@pytest.mark.parametrize("world", SAMPLE, ids=str)
def test_a_golden_world_is_as_it_was(world: World, request: pytest.FixtureRequest) -> None:
    found = portrait(simulated(world)[1])
    if request.config.getoption("--renew-golden"):
        keep(world, found)
    expected = golden(world)
    if world.way == "synced" and made_with()["highspy"] != expected["made_with"]["highspy"]:
        pytest.skip(f"the solver breaks ties between equal plans: kept for highspy {expected['made_with']['highspy']}")
    assert list(differences(expected, found)) == []
