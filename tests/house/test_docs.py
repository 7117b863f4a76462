"""What the documents name exists: files and folders, modules and their names, make targets, commands, options, and
variables of the environment; and every public noun has its line in the glossary."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console import environment
from console.cli import cli
from tests.common.house import ROOT, STOREYS, UNSEEN, files, trees

HISTORY = {"CHANGELOG.md"}  # tells what was, too
DOCUMENTS = [name for path in files("*.md") if (name := str(path.relative_to(ROOT))) not in HISTORY]
TOPS = {p.name for p in ROOT.iterdir()} - UNSEEN
PATH = re.compile(r"(?<![\w./<])([\w.-]+/[\w./*-]*\w/?|[\w-]+\.(?:md|py|toml))(?![\w<>/])")
DOTTED = re.compile(rf"(?<![\w/.])((?:{'|'.join(STOREYS)})(?:\.\w+)+)(?![\w/(])")
VARIABLE = re.compile(r"PLANTSYNC_[A-Z_]+")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
# Words fenced by the house: one meaning each.
FENCED = (
    *("plant", "line", "machine", "lot", "warehouse", "supplier", "lane", "order", "routing", "signal", "message"),
    *("fact", "decision", "command", "policy", "run", "event", "storey", "machine floor", "core", "belief gap", "way"),
)


def code_of(text: str) -> list[str]:
    """What stands as code: spans in backticks, and the lines of fenced blocks (comments and answers left out)."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```[^\n]*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.split("#")[0].removeprefix("$ ").strip() for block in blocks for line in block.splitlines()]
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", rest)]
    return [*spans, *(line for line in lines if line)]


def missing_files(text: str) -> Iterator[str]:
    """Paths below a folder of the checkout that are not there."""
    for code in code_of(text):
        for name in PATH.findall(code):
            if name.split("/")[0] in TOPS and not any(ROOT.glob(name.rstrip("/"))):
                yield name
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        if not (ROOT / link).exists():
            yield link


def missing_names(text: str) -> Iterator[str]:
    """Dotted names of ours that cannot be imported."""
    for code in code_of(text):
        for name in DOTTED.findall(code):
            if name.endswith((".py", ".md", ".yaml")):
                continue
            module, rest = name, ""
            while module not in trees() and "." in module:
                module, _, last = module.rpartition(".")
                rest = f"{last}.{rest}" if rest else last
            found: object = importlib.import_module(module)
            for part in filter(None, rest.split(".")):
                found = getattr(found, part, None)
            if found is None:
                yield name


def missing_targets(text: str) -> Iterator[str]:
    """Targets of make that the Makefile has not."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for code in code_of(text):
        for name in re.findall(r"(?:^|(?<=&& ))make ([a-z-]+)", code):
            if name not in targets:
                yield f"make {name}"


def commands(group: click.Group = cli) -> dict[str, click.Command]:
    """Every command as it is typed: `run`, `import brunel`."""
    context, found = click.Context(group), {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {below}": c for below, c in commands(command).items()}
    return found


def options(command: click.Command) -> set[str]:
    return {flag for param in command.params for flag in param.opts} | {"--help", "-h"}


def missing_commands(text: str) -> Iterator[str]:
    """Commands that are not, and options that theirs (or, named alone, no command) has."""
    known = commands()
    every = {flag for command in known.values() for flag in options(command)} | options(cli) | {"--version"}
    for code in code_of(text):
        words = code.split()
        at = next((n for n, word in enumerate(words) if word.rpartition("/")[2] == "plantsync"), None)
        if at is None or at + 1 == len(words):
            if re.fullmatch(r"--[a-z-]+( [A-Z]+)?", code) and words[0] not in every:
                yield code
            continue
        name = words[at + 1]
        if name in ("COMMAND",) or name.startswith("-"):
            continue
        pair = " ".join(words[at + 1 : at + 3])
        command = known.get(pair) or known.get(name)
        if command is None:
            yield f"plantsync {name}"
            continue
        end = words.index("|") if "|" in words else len(words)
        for flag in OPTION.findall(" ".join(words[at:end])):
            if flag not in options(command):
                yield f"plantsync {name} {flag}"


def missing_variables(text: str) -> Iterator[str]:
    known = set(environment.known(cli))
    yield from (name for name in VARIABLE.findall(text) if name not in known)


CHECKS = (missing_files, missing_names, missing_targets, missing_commands, missing_variables)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_a_document_names_exists(document: str, check) -> None:
    assert list(check(Path(ROOT, document).read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("check", "text", "missing"),
    [
        (missing_files, "see `tests/nowhere/` and [this](bench/NOTHING.md)", ["tests/nowhere/", "bench/NOTHING.md"]),
        (missing_files, "`sim/environment.py`, `<network>/<plant>/x`, `runs/a/b`, `sim/*.py`", []),
        (missing_names, "`sim.environment.Environment`, `sim.environment.Nothing`", ["sim.environment.Nothing"]),
        (missing_targets, "```sh\nmake demo  # yes\nmake coffee\n```", ["make coffee"]),
        (
            missing_commands,
            "`plantsync rum`, `plantsync run x --seed 1 --sead 2`",
            ["plantsync rum", "plantsync run --sead"],
        ),
        (missing_commands, "`plantsync import brunel DATA -o x`, `plantsync COMMAND --help`, `--broker URL`", []),
        (missing_variables, "PLANTSYNC_FLOOR, PLANTSYNC_RUN_SEED, PLANTSYNC_FLOR", ["PLANTSYNC_FLOR"]),
    ],
)
def test_what_is_not_there_is_found(check, text: str, missing: list[str]) -> None:
    assert list(check(text)) == missing


def nouns() -> set[str]:
    """What a file defines (the …Spec classes), what the sides speak of (the vocabulary's Structs, but for rows of
    master data and what only another one of its file is made of), and the fenced words."""
    found = set(FENCED)
    for module, tree in trees().items():
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        if module == "plants.definition":
            found |= {spoken(c.name.removesuffix("Spec")) for c in classes if c.name.endswith("Spec")}
        elif module.startswith("sync.vocabulary"):
            structs = {c.name for c in classes if "Struct" in bases(c) and not c.name.endswith("Data")}
            parts = {
                word.id for c in classes for part in c.body for word in ast.walk(part) if isinstance(word, ast.Name)
            }
            found |= {spoken(name) for name in structs - parts - {base for c in classes for base in bases(c)}}
    return found - {"body"}  # the base of every message's


def bases(made: ast.ClassDef) -> set[str]:
    return {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in made.bases}


def spoken(name: str) -> str:
    """`OrderStream` -> `order stream`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def test_the_glossary_has_every_public_noun() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    words = re.search(r"^## Words$(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert words, "README has a section Words"
    told = {term.strip().lower() for terms in re.findall(r"\*\*([^*]+)\*\*", words[1]) for term in terms.split(",")}
    assert sorted(nouns() - told) == []
    assert {"order stream", "lane", "tariff"} <= nouns()
