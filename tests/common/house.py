"""The house as its sources show it: modules, who imports whom, and the rooms that pyproject.toml names.

An arrow is an import, wherever it stands: at the top, inside a function, for typing only, or as the dotted name of one
of our modules in a string, where a module imports by name.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTER: dict[str, Any] = PYPROJECT["tool"]["importlinter"]
STOREYS: tuple[str, ...] = tuple(LINTER["root_packages"])
TEXTS = ("*.md", "*.toml", "Makefile", "*.in", "*.py", "*.pyx", "*.pxd", "*.h", "*.yaml", "*.txt", ".ci/run")
UNSEEN = {".venv", "build", "dist", "__pycache__", "runs", "node_modules"}


class Arrow(NamedTuple):
    """`source` imports `target` at `line`."""

    source: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line} -> {self.target}"


class Stair(NamedTuple):
    """A layers contract: what stands in `container` ("" = the house), from the top down; equals know nothing of each
    other."""

    container: str
    steps: tuple[tuple[str, ...], ...]

    def step_of(self, module: str) -> tuple[int, str] | None:
        """(number of the step, name on it) of a module; None when it is none of this stair's."""
        if not module.startswith(self.container):
            return None
        name = module.removeprefix(self.container).removeprefix(".").partition(".")[0]
        return next(((n, name) for n, step in enumerate(self.steps) if name in step), None)


@cache
def product() -> dict[str, str]:
    """module -> its source, for every module of the storeys."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
        for storey in STOREYS
        for path in sorted((ROOT / storey).rglob("*.py"))
        if path.name != "_built.py"  # the record that a build leaves
    }


@cache
def trees() -> dict[str, ast.Module]:
    """module -> its syntax tree."""
    return {module: ast.parse(source) for module, source in product().items()}


def files(*patterns: str) -> Iterator[Path]:
    """The files of the checkout that match, without what is made there."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        hidden = any(part in UNSEEN or part.endswith(".egg-info") for part in inside)
        hidden |= any(part.startswith(".") and part != ".ci" for part in inside)
        if not hidden and path.is_file() and any(path.match(pattern) for pattern in patterns):
            yield path


@cache
def stairs() -> tuple[Stair, ...]:
    """The layers contracts of pyproject.toml."""
    return tuple(
        Stair(container, tuple(tuple(step.split(" | ")) for step in contract["layers"]))
        for contract in LINTER["contracts"]
        if contract["type"] == "layers"
        for container in contract.get("containers", [""])
    )


@cache
def all_arrows() -> list[Arrow]:
    """The arrows of the house."""
    return arrows(trees())


def arrows(sources: Mapping[str, ast.Module]) -> list[Arrow]:
    """Every import of one of `sources` by another."""
    by_name = {module for module, tree in sources.items() if _imports_by_name(tree)}
    return [
        Arrow(module, target, line)
        for module, tree in sources.items()
        for node in ast.walk(tree)
        for target, line in _targets(node, sources, module in by_name)
        if target != module
    ]


def _imports_by_name(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.alias) and node.name in ("import_module", "importlib") for node in ast.walk(tree))


def _targets(node: ast.AST, known: Mapping[str, ast.Module], by_name: bool) -> Iterator[tuple[str, int]]:
    match node:
        case ast.Import(names=names):
            yield from ((a.name, node.lineno) for a in names if a.name in known)
        case ast.ImportFrom(module=str(module), names=names):
            below = {f"{module}.{a.name}" for a in names} & known.keys()
            if module in known and len(below) < len(names):
                yield module, node.lineno
            yield from ((name, node.lineno) for name in sorted(below))
        case ast.Constant(value=str(word)) if by_name and "." in word and word in known:
            yield word, node.lineno


def upward(found: list[Arrow], stair: Stair) -> list[Arrow]:
    """The arrows that do not go down `stair`."""
    wrong = []
    for arrow in found:
        source, target = stair.step_of(arrow.source), stair.step_of(arrow.target)
        if source and target and (target[0] < source[0] or (target[0] == source[0] and target[1] != source[1])):
            wrong.append(arrow)
    return wrong


def docstring_lines(node: ast.AST) -> int:
    """How many lines of a function its docstring takes."""
    body = getattr(node, "body", [])
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0
