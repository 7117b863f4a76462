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
# Regular expressions read what people write, never a sentence of ours; each file that has any, and what it reads.
FILES = "values of scenario and network files"
READS_PEOPLE = {
    "scenarios/files/clock.py": FILES,
    "scenarios/files/fields.py": FILES,
    "scenarios/files/limits.py": "thresholds, and conditions of --fail-if",
    "scenarios/files/nodes.py": FILES,
    "scenarios/files/numerals.py": FILES,
    "scenarios/files/overrides.py": "--set and --scale on the command line",
    "scenarios/files/schema.py": "names of our own definitions, no sentence",
    "scenarios/files/units.py": FILES,
    "scenarios/files/weeks.py": FILES,
    "scenarios/importers/brunel_source.py": "names in other people's data",
    "scenarios/importers/registry.py": "options on the command line",
    "scenarios/answers/report/sections.py": "lists in descriptions",
    "console/commands/run.py": "injections on the command line",
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


def read_by(node: ast.AST) -> list[ast.expr]:
    """The keys that a node reads something by."""
    match node:
        case ast.Subscript(slice=key, ctx=ast.Load()):
            return [key]
        case ast.Call(func=ast.Attribute(attr="get" | "pop"), args=[key, *_]):
            return [key]
        case ast.Call(func=ast.Name(id="getattr"), args=[_, key, *_]):
            return [key]
        case ast.MatchMapping(keys=keys):
            return keys
    return []


def test_no_decision_is_read_by_the_text_of_a_key() -> None:
    words = decision_words()
    assert {"alternatives", "moves", "exposure", "binding", "approval", "late_ms_before", "options_of"} <= words
    found = []
    for name, tree in trees(*PRODUCT):
        for node in ast.walk(tree):
            keys = [key for key in read_by(node) if isinstance(key, ast.Constant) and key.value in words]
            found += [f"{name}:{key.lineno}: {key.value}" for key in keys]
    assert found == []


@pytest.mark.parametrize(
    "read",
    ["d['moves']", "d.get('moves')", "d.pop('moves', 0)", "getattr(d, 'moves')", "match d:\n case {'moves': x}: pass"],
)
def test_every_way_to_read_by_the_text_of_a_key_is_seen(read: str) -> None:
    keys = [key for node in ast.walk(ast.parse(read)) for key in read_by(node)]
    assert [key.value for key in keys if isinstance(key, ast.Constant)] == ["moves"]


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
        imports |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        if "re" in imports:
            found.add(name)
    assert found == READS_PEOPLE.keys()


@pytest.mark.parametrize("struct", [*structs(decisions), *structs(facts)], ids=lambda s: s.__name__)
def test_a_value_of_a_decision_or_fact_is_frozen(struct: type[msgspec.Struct]) -> None:
    assert struct.__struct_config__.frozen
