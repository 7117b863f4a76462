"""Whole worlds say and do what they did before (goldenworlds.py has the collection and how to renew it). The journal of
each, folded, gives the state of its engine."""

import pytest

from sync.shell.recovery import fold
from tests.common.goldenworlds import WORLDS, World, differences, golden, keep, made_with, portrait, simulated

SAMPLE = [w if w.seed == 1 else pytest.param(w, marks=pytest.mark.slow) for w in WORLDS]


@pytest.mark.parametrize("world", SAMPLE, ids=str)
def test_a_golden_world_is_as_it_was(world: World, request: pytest.FixtureRequest) -> None:
    twin, said = simulated(world)
    if twin.engine is not None:
        shell = twin.engine.shell
        assert fold(shell.master, shell.journal.entries()).hash() == shell.state_hash(), "the journal is not the state"
    found = portrait(said)
    if request.config.getoption("--renew-golden"):
        keep(world, found)
    expected = golden(world)
    if world.way == "synced" and made_with()["highspy"] != expected["made_with"]["highspy"]:
        pytest.skip(f"the solver breaks ties between equal plans: kept for highspy {expected['made_with']['highspy']}")
    assert list(differences(expected, found)) == []
