"""What can go wrong with files and with what was kept of a run, and the words in which faults are told.

ScenarioError          exit 2
  InputError           exit 2   a file cannot be used; its faults, each with its place
  UnknownName          exit 2   no such order, decision, way or replication in the run
  Unpaired             exit 2   runs that cannot be compared, or a condition that cannot be read
  ExportError          exit 2   what cannot be exported, or not there; exit 6 where the machine refuses
  RunFolderError       exit 2   a run folder cannot be used
    OtherFormat        exit 2   another version wrote it
    DamagedRun         exit 5   a file of it is missing, cut or changed
    UnwritableRun      exit 6   the disk refuses it

A single value that is not acceptable is Refused, as everywhere; the loader turns it into a Fault at its place.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

SHOWN = 60
FAULT_CAP = 100
MANY = 2_000


@dataclass(frozen=True)
class Fault:
    """One fault at one place. `str()` is the one line a person reads: file:line:col: path: message."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return inert(f"{self.file}:{self.line}:{self.column}: {path}{self.message}")


class ScenarioError(Exception):
    """Its text is for people, one line a fault; `exit_code` is the command's."""

    exit_code = 2


class InputError(ScenarioError):
    """An input cannot be used. `faults`: everything that is wrong with it, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = limited(list(faults))
        super().__init__("\n".join(str(f) for f in self.faults))


class Alike:
    """Faults of one file, of which those that say the same of many values are told twice and counted: a column of a
    thousand wrong dates is one mistake."""

    SHOWN = 2

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.kinds: dict[tuple[str, str, str], list[Fault]] = {}
        self.counts: dict[tuple[str, str, str], int] = {}

    def add(self, fault: Fault, found: str = "") -> None:
        """Another fault; found: the value that it quotes, by which it may differ from others of its kind."""
        said = fault.message.replace(clip(found), "") if found else fault.message
        key = (fault.file, fault.path, said)
        kept = self.kinds.setdefault(key, [])
        self.counts[key] = self.counts.get(key, 0) + 1
        if len(kept) <= self.SHOWN:  # one more, in whose place the count stands
            kept.append(fault)
            self.faults.append(fault)

    def told(self) -> list[Fault]:
        """The faults as they are told, `and 98 more like this` where there are many of a kind."""
        counted = {}
        for key, kept in self.kinds.items():
            more = self.counts[key] - self.SHOWN
            if more > 1:
                counted[id(kept[self.SHOWN])] = f"and {more:,} more like this"
        return [replace(f, message=counted.get(id(f), f.message)) for f in self.faults]


def limited(faults: list[Fault]) -> list[Fault]:
    """The first faults, and one line that says there are more."""
    if len(faults) <= FAULT_CAP:
        return faults
    last = faults[FAULT_CAP]
    message = f"more faults follow from here on. only the first {FAULT_CAP} are named"
    return [*faults[:FAULT_CAP], Fault(last.file, last.line, last.column, "", message)]


class UnknownName(ScenarioError):
    """No such order, decision, way or replication in the run: one line with the nearest name."""


class Unpaired(ScenarioError):
    """Runs that cannot be compared, or a condition that cannot be read: one line."""


class ExportError(ScenarioError):
    """What cannot be exported, or not to where it was asked for: one line. exit_code 6: the machine refuses."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class RunFolderError(ScenarioError):
    """A run folder cannot be used: one line saying which, why and what instead."""


class OtherFormat(RunFolderError):
    """Written by another version: its number."""


class DamagedRun(RunFolderError):
    """A file of a run folder is missing, cut or changed: one line naming it and what is wrong."""

    exit_code = 5


class UnwritableRun(RunFolderError):
    """The disk refuses a run folder. run: the RunResult that was to be written, when it was simulated already."""

    exit_code = 6

    def __init__(self, message: str, run: Any = None) -> None:
        super().__init__(message)
        self.run = run


def inert(text: str) -> str:
    """`text` on one line, every control character and line separator written out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def show(value: object) -> str:
    """A found value as it is quoted in a message: short, one line, in single quotes when it is text."""
    written = getattr(value, "text", None)
    if isinstance(written, str):
        return clip(written)
    match value:
        case str():
            return f"'{clip(value)}'"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return clip(str(value))


def clip(text: str) -> str:
    """`text` inert and cut to a length that keeps the line readable."""
    text = inert(text[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def nearest(word: str, candidates: Iterable[str]) -> str:
    """`. did you mean 'x'?` for the candidate most like `word`, or nothing."""
    by_fold: dict[str, str] = {}
    candidates = list(candidates)
    if len(candidates) > MANY:  # comparing each would take seconds: keep those that begin alike
        candidates = [c for c in candidates if c[:2].casefold() == word[:2].casefold()][:MANY]
    for candidate in candidates:
        by_fold.setdefault(candidate.casefold(), candidate)
    close = difflib.get_close_matches(word[:SHOWN].casefold(), by_fold, 1, 0.6)
    return f". did you mean '{by_fold[close[0]]}'?" if close else ""


def listed(names: Iterable[str], limit: int = 24) -> str:
    """Names as `a, b, c`, cut with a count when there are many, `none` when there are none."""
    names = list(names)
    if not names:
        return "none"
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
