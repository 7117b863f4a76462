"""Progress on stderr: a bar with the time left on a terminal, a plain line now and then elsewhere."""

import contextlib
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar
    from rich.progress import TaskID

    from scenarios.twin.runner import Progress

PLAIN_EVERY_S = 10.0


NEARLY = 0.99  # writing results comes after the last simulated second: the end is when the command ends


def finished(progress: "Progress") -> float:
    """The share of the work that is done, never all of it."""
    return min(NEARLY, progress.done_s / progress.total_s) if progress.total_s > 0 else 0.0


def time_left(spent_s: float, share: float) -> str:
    """`about 12 s left`, from the share that took `spent_s`; nothing is said of the first per cent."""
    return f"about {spent_s * (1 - share) / share:.0f} s left" if share >= 0.01 else "just begun"


class Bar:
    """Draws what the runner reports. Used as a context manager; `show` is the runner's callback."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._bar: RichBar | None = None
        self._task: TaskID | None = None
        self._began = self._last = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

            left = TextColumn("{task.fields[left]}")
            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), left)
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self.title, total=1.0, left="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, progress: "Progress") -> None:
        """Draw one report of the runner."""
        share = finished(progress)
        if self._bar and self._task is not None:
            left = time_left(time.monotonic() - self._began, share)
            self._bar.update(self._task, completed=share, description=f"{self.title} {progress.label}", left=left)
            return
        now = time.monotonic()
        if now - self._last >= PLAIN_EVERY_S:
            self._last = now
            line = f"{self.title} {progress.label}: {share:.0%}, {time_left(now - self._began, share)}"
            with contextlib.suppress(OSError):  # a full or closed stderr must not end a run
                print(line, file=sys.stderr, flush=True)
