"""The exit codes of every command, in one list. A failure says its own as `exit_code`; the README tells them all."""

from enum import IntEnum
from typing import Self


class Exit(IntEnum):
    """A number and what it means."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "fine"
    INTERNAL = 1, "internal error"
    INVALID = 2, "invalid input or usage"
    MISSED = 3, "threshold, check or invariant failed"
    REGRESSION = 4, "regression in `compare`"
    INTEGRITY = 5, "integrity of a run, journal or ledger"
    CONNECTION = 6, "connection or environment"
    PARTIAL = 7, "partial"
    INTERRUPTED = 130, "interrupted"
