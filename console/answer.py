"""The answer: the one way to standard output. While a command runs nothing but what is told here can reach it.

          before                    while a command runs              after
    sys.stdout ──> 1             tell, emit ──> a copy of 1         as before
                                 sys.stdout, 1 ──> 2

Libraries print, native ones past Python straight into descriptor 1 (a solver's banner, a broker's warning): one such
line and `--json` is no JSON. So descriptor 1 leads to descriptor 2 for as long as a command runs, in the processes that
it starts too. Decides nothing about what is told.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TextIO

import click

STDOUT, STDERR = 1, 2
_ours: TextIO | None = None  # where answers go while a command runs


def stream() -> TextIO:
    """Where answers go: for `rich`, and for whoever asks whether it is a terminal."""
    return _ours or sys.stdout


def tell(line: object) -> None:
    """One line of an answer for people, whole and at once. Raises OSError when nobody takes it."""
    click.echo(line, file=stream())


def emit(document: Any, indent: int | None = None) -> None:
    """An answer for machines: one JSON document."""
    tell(json.dumps(document, indent=indent))


def descriptor() -> int | None:
    """What a program whose output is the answer gets as its standard output; None: what it would inherit anyway."""
    try:
        return stream().fileno()
    except (OSError, ValueError, AttributeError):  # held in memory, as in tests
        return None


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep everybody else off standard output. Raises OSError when the answer cannot be written to its end."""
    global _ours  # noqa: PLW0603  # standard output is one for the whole process, and so is what stands in for it
    if _ours is not None:
        yield
        return
    before = sys.stdout
    with contextlib.suppress(AttributeError):
        before.flush()
    saved = _copy_of_stdout()
    _ours = _writer(saved, before) if saved is not None and _leads_to_stdout(before) else before
    sys.stdout = sys.stderr
    try:
        yield
        _ours.flush()
    finally:
        told, _ours, sys.stdout = _ours, None, before
        if saved is not None:
            _flush_native()
            os.dup2(saved, STDOUT)
            if told is before:
                os.close(saved)
            else:
                with contextlib.suppress(OSError):  # it failed above and said so
                    told.close()


def answering(command: click.Command) -> click.Command:
    """The command, and those below it, with standard output kept for its answer."""
    if command.callback is not None and not hasattr(command.callback, "kept_alone"):
        command.callback = _kept_alone(command.callback)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            answering(below)
    return command


def _kept_alone(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def kept(*args: Any, **kwargs: Any) -> Any:
        with alone():
            return callback(*args, **kwargs)

    kept.kept_alone = True  # type: ignore[attr-defined]
    return kept


def _copy_of_stdout() -> int | None:
    """Descriptor 1 led to descriptor 2, and where it led before; None when one of them is closed."""
    try:
        os.fstat(STDERR)
        saved = os.dup(STDOUT)
    except OSError:
        return None
    os.dup2(STDERR, STDOUT)
    return saved


def _flush_native() -> None:
    """What C libraries printed and still hold back goes where it was printed to, not to whoever has 1 at their end."""
    with contextlib.suppress(ImportError, OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).fflush(None)


def _leads_to_stdout(file: TextIO) -> bool:
    try:
        return file.fileno() == STDOUT
    except (OSError, ValueError, AttributeError):
        return False


def _writer(saved: int, like: TextIO) -> TextIO:
    """A text stream on `saved`, with the manners of the one that it stands in for."""
    made = os.fdopen(saved, "w", encoding=like.encoding, errors=like.errors)
    if isinstance(like, io.TextIOWrapper) and isinstance(made, io.TextIOWrapper):
        made.reconfigure(line_buffering=like.line_buffering, write_through=like.write_through)
    return made
