"""Decisions are read by their attributes, reasons are codes, and nobody parses a sentence we made ourselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import sync.core
from scenarios.runs.record import COLUMNS
from sync.core import facts
from sync.vocabulary import decisions, messages

ROOT = Path(sync.core.__path__[0]).parents[1]
PRODUCT = ("sync", "plants", "bridges", "scenarios", "console")
# Regular expressions read what people write; each room that may have one, and whose words it reads.
READS_PEOPLE = {
    "scenarios/files": "values of scenario and network files",
    "scenarios/importers": "names in other people's data",
    "scenarios/answers/compare.py": "conditions of --fail-if",
    "scenarios/answers/report/sections.py": "lists in descriptions",
    "console/commands": "injections on the command line",
}


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def structs(module: object) -> list[type[msgspec.Struct]]:
    found = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, msgspec.Struct)]
    return [s for s in found if s.__module__ == module.__name__]  # type: ignore[attr-defined]


def decision_words() -> set[str]:
    """Fields that only decisions have: what tables and messages call theirs is read from those by name."""
    elsewhere = {name for columns in COLUMNS.values() for name in columns}
    elsewhere |= {name for body in messages.BODIES.values() for name in body.__struct_fields__}
    elsewhere |= {*COLUMNS, "id", "kind", "source", "type", "reason", "message", "by"}
    elsewhere |= {"lines", "sites", "items", "customers", "orders_total"}  # parts of a network, a KPI
    mine = {name for struct in structs(decisions) for name in struct.__struct_fields__}
    return mine - elsewhere


def test_no_decision_is_read_by_the_text_of_a_key() -> None:
    words = decision_words()
    assert {"alternatives", "moves", "exposure", "binding", "approval", "late_ms_before", "options_of"} <= words
    found = []
    for name, tree in trees(*PRODUCT):
        for node in ast.walk(tree):
            key: ast.expr | None = None
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                key = node.slice
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                key = node.args[0] if node.args else None
            if isinstance(key, ast.Constant) and key.value in words:
                found.append(f"{name}:{key.lineno}: {key.value}")
    assert found == []


def test_the_core_makes_no_sentence() -> None:
    found = []
    for name, tree in trees("sync/core", "sync/shell"):
        docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in docs else None
            if isinstance(text, str) and len(text.split()) > 2:
                found.append(f"{name}:{node.lineno}: {text}")
    assert found == []


def test_regular_expressions_read_only_what_people_write() -> None:
    found = set()
    for name, tree in trees(*PRODUCT):
        imports = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        if "re" in imports and not any(name.startswith(room) for room in READS_PEOPLE):
            found.add(name)
    assert found == set()


@pytest.mark.parametrize("struct", [*structs(decisions), *structs(facts)], ids=lambda s: s.__name__)
def test_a_value_of_a_decision_or_fact_is_frozen(struct: type[msgspec.Struct]) -> None:
    assert struct.__struct_config__.frozen
