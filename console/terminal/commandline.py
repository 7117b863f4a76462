"""Command lines as they are told to people: what this program was called with, and what to paste next."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import click


def called_with() -> list[str]:
    """The words this program was called with."""
    context = click.get_current_context(silent=True)
    words = context.find_root().obj if context else None
    return list(words) if isinstance(words, list) else sys.argv[1:]


def portable(word: str) -> str:
    """A word of the command line, an absolute path in it as it is seen from here or by its last name: a run folder
    tells nobody where this machine keeps things."""
    head, sign, value = word.partition("=")
    if sign and value.startswith("/"):
        return f"{head}={portable(value)}"
    path = Path(word)
    if not path.is_absolute():
        return word
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else path.name or "/"


def without_paths(said: str) -> str:
    """A sentence that may quote paths as they were given."""
    for word in called_with():
        value = word.rpartition("=")[2]
        if len(value) > 1 and Path(value).is_absolute():
            said = said.replace(value, portable(value)).replace(f"{Path(value).parent}/", "")
    return said.replace(f"{Path.cwd()}/", "")


def pasted(*words: str) -> str:
    """A command line ready to paste, called the way this program was called."""
    program = Path(sys.argv[0])
    if program.name in ("__main__.py", "cli.py"):
        return shlex.join([sys.executable, "-m", "console.cli", *words])
    near = os.path.relpath(program)
    shown = "plantsync" if _on_path(program) else str(program) if near.startswith("..") else near
    return shlex.join([shown, *words])


def _on_path(program: Path) -> bool:
    found = shutil.which("plantsync")
    return found is not None and Path(found).resolve() == program.resolve()
