"""The answer: the one way to standard output. While a command runs nothing but what is told here can reach it.

          taken over                 while a command runs              at exit
    sys.stdout ──> a copy of 1    tell, emit ──> a copy of 1         all ──> 2
                         1 ──> 2             sys.stdout, 1 ──> 2

Libraries print, native ones past Python straight into descriptor 1 (a solver's banner, a broker's warning, a farewell
at exit): one such line and `--json` is no JSON. So the program takes descriptor 1 over and never gives it back: it
leads to descriptor 2, in the processes that it starts too. Called from Python the command line gives it back after each
command. Decides nothing about what is told.
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


def take_over() -> None:
    """From here to the end of the process only `sys.stdout` leads to standard output, where it does at all."""
    if _leads_to_stdout(sys.stdout) and (saved := _copy_of_stdout()) is not None:
        sys.stdout = _writer(saved, sys.stdout)


def leave() -> None:
    """The answer is given: whoever prints from now on prints to standard error."""
    sys.stdout = sys.stderr


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """What prints in here, as modules do when they are imported, does not answer."""
    before, sys.stdout = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout = before


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
