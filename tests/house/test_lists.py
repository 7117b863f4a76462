"""What stands in one list stands in no second one: ways of working, exit codes, failures; and what never comes in."""

import ast
import importlib
import re
import sys

from console.exits import Exit
from scenarios.ways import WAYS
from tests.common.house import PYPROJECT, ROOT, STOREYS, TEXTS, files, product, trees

BELOW_BRIDGES = ("sim", "plants", "sync")
OF_THE_MACHINE = {"time", "random", "uuid", "secrets", "socket", "threading"}
READS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("os", "urandom")}
HERE = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt)/\w")  # how a path of some machine begins
TREES = {
    "sim.errors",
    "plants.errors",
    "sync.vocabulary.errors",
    "bridges.errors",
    "scenarios.errors",
    "console.errors",
}


def words_of(node: ast.AST) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else []
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_the_ways_of_working_are_listed_once() -> None:
    lists = [m for m, tree in trees().items() for node in ast.walk(tree) if set(WAYS) <= words_of(node)]
    assert lists == ["scenarios.ways"]


def failures() -> dict[str, dict[str, type]]:
    """module -> the exception classes that are made there."""
    found: dict[str, dict[str, type]] = {}
    for module, tree in trees().items():
        names = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and node.bases]
        classes = {name: getattr(importlib.import_module(module), name) for name in names}
        if made := {name: c for name, c in classes.items() if issubclass(c, Exception)}:
            found[module] = made
    return found


def test_every_failure_stands_in_the_tree_of_its_storey_with_an_exit_code() -> None:
    found = failures()
    assert set(found) == TREES
    for module, classes in found.items():
        drawn = importlib.import_module(module).__doc__ or ""
        for name, kind in classes.items():
            code = getattr(kind, "exit_code", None)
            assert code in set(Exit) - {Exit.OK}, f"{module}.{name} has exit code {code}"
            row = re.search(rf"^ *{name}\b.*$", drawn, re.MULTILINE)
            assert row, f"{module} does not draw {name}"
            told = re.search(r"exit (\d+)", row[0])
            assert told is None or int(told[1]) == code, f"{module} draws {name} with {row[0]}"
    assert sum(name == "Refused" for classes in found.values() for name in classes) == 1


def test_the_readme_tells_the_exit_codes_of_the_one_list() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    told = text[text.index("Exit codes:") :].split(". ")[0]
    for code in Exit:
        assert re.search(rf"\b{code.value} {re.escape(code.meaning)}", told), f"{code.value} {code.meaning}"


def test_a_command_names_its_exit_code() -> None:
    numbers = [
        f"{module}:{node.lineno}"
        for module, tree in trees().items()
        if module.startswith("console.commands") and module != "console.exits"
        for node in ast.walk(tree)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and type(node.value.value) is int
    ]
    assert numbers == []


def reads_of(tree: ast.Module) -> list[str]:
    """What of a module comes from the machine and not through a port: clock, chance, ids, network, threads."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [
                    a.name for a in names if a.name.partition(".")[0] in OF_THE_MACHINE or a.name == "numpy.random"
                ]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in OF_THE_MACHINE:
                found.append(module)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if (name, attr) in READS:
                found.append(f"{name}.{attr}")
    return found


def test_below_the_bridges_time_chance_and_ids_are_given() -> None:
    below = {m: reads_of(t) for m, t in trees().items() if m.partition(".")[0] in BELOW_BRIDGES}
    assert {m: reads for m, reads in below.items() if reads} == {}
    planted = ast.parse("import time\ndef f():\n    from random import random\n    return datetime.now()")
    assert reads_of(planted) == ["time", "random", "datetime.now"]


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    ours = {part for module in product() for part in module.split(".")} | {p.stem for p in files("bench/*.py")}
    assert ours & (set(sys.stdlib_module_names) - {"__main__"}) == set()


def test_nothing_names_a_path_of_some_machine() -> None:
    told = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(*TEXTS)
        if path.name != "test_lists.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if HERE.search(line)
    ]
    assert told == [] and HERE.search("cd /home/somebody/plantsync")


def test_every_storey_is_checked_typed_and_packed() -> None:
    tool = PYPROJECT["tool"]
    assert set(tool["mypy"]["packages"]) == set(STOREYS)
    assert {name.rstrip("*") for name in tool["setuptools"]["packages"]["find"]["include"]} == set(STOREYS)
