"""Failures as a person at the terminal meets them: one clear line each and an exit code, never a traceback.

0 ok   1 internal   2 invalid input or usage   3 threshold, check or invariant   4 regression in compare
5 integrity   6 connection or environment   7 partial   130 interrupted
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable

import click

OK, INTERNAL, INVALID, MISSED, REGRESSION, INTEGRITY, CONNECTION, PARTIAL, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130

# Looked up by name, so that nothing is imported to find out that it was not raised.
CODES = {
    ("scenarios.errors", "InputError"): INVALID,
    ("scenarios.errors", "Refused"): INVALID,
    ("scenarios.runfolder", "RunFolderError"): INVALID,
    ("scenarios.explain", "UnknownName"): INVALID,
    ("scenarios.compare", "Unpaired"): INVALID,
    ("plants.ledger", "InvariantViolation"): MISSED,
}


class Failure(Exception):
    """A command cannot do what was asked: `message` in one line (or one per fault) and the exit code."""

    def __init__(self, message: str, code: int = INVALID) -> None:
        super().__init__(message)
        self.code = code


def guarded(call: Callable[[], int | None], debug: bool = False) -> int:
    """Run a command and turn whatever comes out of it into an exit code."""
    try:
        return call() or OK
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as fault:
        if debug:
            traceback.print_exc()
        return _say(*_read(fault, debug))


def _read(fault: Exception, debug: bool) -> tuple[str, int]:
    if isinstance(fault, Failure):
        return str(fault), fault.code
    if isinstance(fault, click.ClickException):
        return _usage(fault), INVALID
    for kind in type(fault).__mro__:
        if (code := CODES.get((kind.__module__, kind.__name__))) is not None:
            return str(fault), code
    if isinstance(code := getattr(fault, "exit_code", None), int):
        return str(fault), code
    if isinstance(fault, OSError) and fault.filename:
        return f"{fault.filename}: {(fault.strerror or str(fault)).lower()}", INVALID
    return _internal(fault, debug), INTERNAL


def _usage(fault: click.ClickException) -> str:
    context = getattr(fault, "ctx", None)
    if context is None:
        return fault.format_message()
    return f"{context.command_path}: {fault.format_message()} See {context.command_path} --help"


def _internal(fault: Exception, debug: bool) -> str:
    what = f"internal error: {type(fault).__name__}: {fault}".splitlines()[0]
    if debug:
        return what
    handle, path = tempfile.mkstemp(prefix="plantsync-", suffix=".traceback", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(traceback.format_exc())
    return f"{what}. the traceback is in {path} (or repeat with plantsync --debug)"


def _closed_pipe() -> int:
    """The reader went away (`| head`): no error, and no second one when Python flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _say(message: str, code: int) -> int:
    for line in message.splitlines() or [""]:
        click.echo("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line), err=True)
    return code
