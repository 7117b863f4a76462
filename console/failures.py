"""Failures as a person at the terminal meets them: one clear line each and an exit code, never a traceback.

0 ok   1 internal   2 invalid input or usage   3 threshold, check or invariant   4 regression in compare
5 integrity   6 connection or environment   7 partial   130 interrupted
"""

import contextlib
import errno
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
    ("scenarios.runs.folder", "RunFolderError"): INVALID,
    ("scenarios.runs.folder", "DamagedRun"): INTEGRITY,
    ("scenarios.runs.folder", "UnwritableRun"): CONNECTION,
    ("scenarios.answers.explain.explain", "UnknownName"): INVALID,
    ("scenarios.answers.compare", "Unpaired"): INVALID,
    ("plants.ledger", "InvariantViolation"): MISSED,
    ("sim.ahead.active", "FloorError"): CONNECTION,
}

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


class Failure(Exception):
    """A command cannot do what was asked: `message` in one line (or one per fault) and the exit code."""

    def __init__(self, message: str, code: int = INVALID) -> None:
        super().__init__(message)
        self.code = code


def guarded(call: Callable[[], int | None], debug: bool = False) -> int:
    """Run a command and turn whatever comes out of it into an exit code."""
    try:
        code = call() or OK
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as fault:
        if debug:
            traceback.print_exc()
        said = _read(fault, debug)
        if isinstance(fault, OSError) and fault.errno in NO_ROOM:
            _give_up_stdout()
        return _say(*said)


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
    if isinstance(fault, OSError) and (fault.errno in NO_ROOM or fault.filename):
        return _refused(fault)
    return _internal(fault, debug), INTERNAL


def _refused(fault: OSError) -> tuple[str, int]:
    """What the machine refused: a full disk is no fault of the words that were given."""
    why = (fault.strerror or str(fault)).lower()
    if fault.errno in NO_ROOM:
        return f"{fault.filename or 'the output'} cannot be written: {why}", CONNECTION
    return f"{fault.filename}: {why}", INVALID


def _usage(fault: click.ClickException) -> str:
    """One line, whatever click would draw over several."""
    context = getattr(fault, "ctx", None)
    message = " ".join(fault.format_message().split())
    if context is None:
        return message
    if isinstance(fault, click.exceptions.NoArgsIsHelpError) and isinstance(context.command, click.Group):
        message = f"a command is missing. allowed: {', '.join(context.command.list_commands(context))}."
    end = "" if message.endswith((".", "?", "!")) else "."
    return f"{context.command_path}: {message}{end} See {context.command_path} --help"


def _internal(fault: Exception, debug: bool) -> str:
    what = f"internal error: {type(fault).__name__}: {fault}".splitlines()[0]
    if debug:
        return what
    handle, path = tempfile.mkstemp(prefix="plantsync-", suffix=".traceback", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(traceback.format_exc())
    return f"{what}. the traceback is in {path} (or repeat with plantsync --debug)"


def _closed_pipe() -> int:
    """The reader went away (`| head`): it has what it wanted."""
    _give_up_stdout()
    return OK


def _give_up_stdout() -> None:
    """What is still buffered goes nowhere: Python would fail over it a second time at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # nobody listens: the exit code still tells
        for line in message.splitlines() or [""]:
            click.echo("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line), err=True)
    return code
