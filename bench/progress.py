"""Progress on stderr: which measurement is running and about how long the rest will take."""

import contextlib
import sys
from collections.abc import Iterator
from time import perf_counter

EVERY_S = 10.0  # between lines where stderr is no terminal


class Progress:
    """plan: (name, expected seconds) of every measurement to come; without one nothing is said."""

    def __init__(self, plan: list[tuple[str, float]] | None = None) -> None:
        self._plan = plan or []
        self._began = self._part_began = perf_counter()
        self._last = -EVERY_S
        self._expected_done = 0.0
        self._name, self._expected = "", 0.0
        self._terminal = sys.stderr is not None and sys.stderr.isatty()

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        """`with progress.part("hold")`: that measurement runs in here."""
        self._name, self._expected = name, dict(self._plan).get(name, 0.0)
        self._part_began = perf_counter()
        self.say("begins")
        yield
        self._expected_done += self._expected

    def left_s(self) -> float:
        """Seconds still to go: the plan's, stretched by how this machine has kept to it so far."""
        now = perf_counter()
        spent = self._part_began - self._began
        stretch = spent / self._expected_done if self._expected_done and spent else 1.0
        to_come = sum(seconds for _, seconds in self._plan) - self._expected_done - self._expected
        here = max(self._expected * stretch - (now - self._part_began), 0.0)
        return max(to_come, 0.0) * stretch + here

    def say(self, what: str) -> None:
        """Tell what is being done now: on a terminal at once, elsewhere every ten seconds."""
        now = perf_counter()
        if not self._plan or not (self._terminal or now - self._last >= EVERY_S):
            return
        self._last = now
        left = self.left_s()
        text = f"{self._name}: {what}; " + (f"about {left:.0f} s left" if left >= 1.0 else "longer than expected")
        line = f"\r\x1b[K{text}" if self._terminal else f"{text}\n"
        with contextlib.suppress(OSError):  # a closed or full stderr must not end a measurement
            sys.stderr.write(line)
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away before something else is written."""
        if self._terminal and self._plan:
            with contextlib.suppress(OSError):
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
