"""Rows of the stock ledger, kept in typed columns: a number each, and a code for every word.

A row is `quantity` pieces in `steps` equal parts: the first at `time_ms`, the last at `until_ms`, those between evenly
spread. A row of one step has both instants equal.
"""

from array import array
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

# of the ledger's table -> type of their values
COLUMNS = {
    "time_ms": int, "until_ms": int, "steps": int, "item": str, "lot": str, "quantity": int, "from": str, "to": str,
    "cause": str,
}  # fmt: skip


class _Words(dict[str, int]):
    """A number for every word, in the order in which they were first asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


@dataclass(eq=False)
class Postings:
    """The rows in the order in which they were written down, which is not that of their instants."""

    _numbers: tuple[array, ...] = field(default_factory=lambda: tuple(array("q") for _ in range(4)))  # type: ignore[type-arg]
    _codes: array = field(default_factory=lambda: array("i"))  # type: ignore[type-arg]
    _words: _Words = field(default_factory=_Words)

    def __len__(self) -> int:
        return len(self._numbers[0])

    def add(
        self, time_ms: int, until_ms: int, steps: int, quantity: int, item: str, lot: str, source: str, target: str,
        cause: str,
    ) -> None:  # fmt: skip
        """One row more."""
        times, untils, parts, quantities = self._numbers
        times.append(time_ms)
        untils.append(until_ms)
        parts.append(steps)
        quantities.append(quantity)
        words = self._words
        self._codes.extend((words[item], words[lot], words[source], words[target], words[cause]))

    def table(self) -> dict[str, list[object]]:
        """The rows by column, in the order of their first instants."""
        words = np.array(list(self._words), dtype=object)
        columns = [np.array(numbers, dtype=np.int64) for numbers in self._numbers]
        order = np.argsort(columns[0], kind="stable")
        times, untils, parts, quantities = (column[order].tolist() for column in columns)
        codes = np.array(self._codes, dtype=np.intp).reshape(-1, 5)[order]
        item, lot, source, target, cause = (words[codes[:, k]].tolist() for k in range(5))
        found = {
            "time_ms": times, "until_ms": untils, "steps": parts, "item": item, "lot": lot, "quantity": quantities,
            "from": source, "to": target, "cause": cause,
        }  # fmt: skip
        return {column: found[column] for column in COLUMNS}

    def digest(self) -> str:
        """Hex SHA-256 over everything written down so far."""
        whole = sha256()
        for column in (*self._numbers, self._codes):
            whole.update(column.tobytes())
        whole.update("\0".join(self._words).encode())
        return whole.hexdigest()
