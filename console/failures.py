"""Failures as a person at the terminal meets them: one clear line each and an exit code, never a traceback.

A failure that somebody could have expected says its exit code itself, as `exit_code` on its class; whatever has none,
or 1, is an internal error, and its traceback is kept.
"""

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable

import click

from console.exits import Exit

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def guarded(call: Callable[[], int | None], debug: bool = False) -> int:
    """Run a command and turn whatever comes out of it into an exit code."""
    try:
        code = call() or Exit.OK
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", Exit.INTERRUPTED)
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
    if isinstance(fault, click.ClickException):
        return _usage(fault), Exit.INVALID
    code = getattr(fault, "exit_code", Exit.INTERNAL)
    if isinstance(code, int) and code != Exit.INTERNAL:
        return str(fault), code
    if isinstance(fault, OSError) and (fault.errno in NO_ROOM or fault.filename):
        return _refused(fault)
    return _internal(fault, debug), Exit.INTERNAL


def _refused(fault: OSError) -> tuple[str, int]:
    """What the machine refused: a full disk is no fault of the words that were given."""
    why = (fault.strerror or str(fault)).lower()
    if fault.errno in NO_ROOM:
        return f"{fault.filename or 'the output'} cannot be written: {why}", Exit.CONNECTION
    return f"{fault.filename}: {why}", Exit.INVALID


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
    return Exit.OK


def _give_up_stdout() -> None:
    """What is still buffered goes nowhere: Python would fail over it a second time at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, code: int) -> int:
    with contextlib.suppress(OSError):  # nobody listens: the exit code still tells
        for line in message.splitlines() or [""]:
            click.echo("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line), err=True)
    return code
