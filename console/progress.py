"""Progress on stderr: a bar with the time left on a terminal, a plain line now and then elsewhere."""

import contextlib
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar
    from rich.progress import TaskID

    from scenarios.runner import Progress

PLAIN_EVERY_S = 10.0


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
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self.title, total=1.0)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, progress: "Progress") -> None:
        """Draw one report of the runner."""
        share = min(1.0, progress.done_s / progress.total_s) if progress.total_s > 0 else 0.0
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=share, description=f"{self.title} {progress.label}")
            return
        now = time.monotonic()
        if now - self._last >= PLAIN_EVERY_S:
            self._last = now
            left = (now - self._began) * (1 - share) / share if share > 0 else 0.0
            line = f"{self.title} {progress.label}: {share:.0%}, about {left:.0f} s left"
            with contextlib.suppress(OSError):  # a full or closed stderr must not end a run
                print(line, file=sys.stderr, flush=True)
