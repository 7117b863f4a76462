"""An import only goes down: from storey to storey, from room to room, and never in a circle. Late imports, those for
typing only and names of modules in strings count. The stairs are those of pyproject.toml; there is no second list."""

import ast

import networkx as nx
import pytest

from tests.common.house import LINTER, ROOT, STOREYS, Arrow, Stair, all_arrows, arrows, product, stairs, upward


@pytest.mark.parametrize("stair", stairs(), ids=lambda stair: stair.container or "storeys")
def test_an_import_only_goes_down(stair: Stair) -> None:
    assert [str(arrow) for arrow in upward(all_arrows(), stair)] == []


def test_no_circle_of_imports() -> None:
    graph = nx.DiGraph([(arrow.source, arrow.target) for arrow in all_arrows()])
    assert [sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1] == []


def test_every_room_has_its_place_on_a_stair() -> None:
    named = {stair.container: {name for step in stair.steps for name in step} for stair in stairs()}
    assert set(STOREYS) <= named.keys() and set(STOREYS) == named[""]
    for storey in STOREYS:
        there = {module.split(".")[1] for module in product() if module.startswith(f"{storey}.")}
        assert there == named[storey], f"rooms of {storey}"
    assert LINTER["exclude_type_checking_imports"] is False


def test_every_folder_of_a_storey_is_a_room_of_its_package() -> None:
    """A folder without __init__.py would be seen by nobody who packs, types or checks."""
    bare = [
        p.parent for storey in STOREYS for p in (ROOT / storey).rglob("*.py") if not (p.parent / "__init__.py").exists()
    ]
    assert bare == []


@pytest.mark.parametrize(
    "source",
    [
        "from house.top import thing",
        "def late():\n    import house.top",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house import top",
        "from importlib import import_module\nimport_module('house.top')",
    ],
)
def test_a_planted_arrow_is_seen_wherever_it_hides(source: str) -> None:
    sources = {"house.top": ast.parse(""), "house.low": ast.parse(source), "house": ast.parse("")}
    stair = Stair("house", (("top",), ("low", "beside")))
    seen = upward(arrows(sources), stair)
    assert [(a.source, a.target) for a in seen] == [("house.low", "house.top")]
    assert upward([Arrow("house.low.a", "house.beside", 1)], stair), "equals know nothing of each other"
    assert not upward([Arrow("house.top", "house.low.a", 1), Arrow("house.low.a", "house.low.b", 1)], stair)
