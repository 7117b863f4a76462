"""The campaign: replications of every case until its intervals are narrow enough, on one or more processes.

    cases --> a batch of replications each --> narrow enough? --> verdicts
                      ^                             | no, and below the cap
                      +-----------------------------+

A replication is a pure function of (case, seed, number), and a case asks for its next batch only when the last one is
whole. The verdicts are therefore the same on one worker or on eight.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

from scenarios.twin.runner import Progress, ignoring_interrupts, watch_parent
from scenarios.verify.case import Case
from scenarios.verify.verdicts import HALF_WIDTH, Value, Verdict, judge, narrow


@dataclass(frozen=True)
class Plan:
    """How hard to look. batch: replications between two looks at the intervals; cap: when to give up (a miss);
    half_width: of the 95 % interval, as a share of the exact value."""

    seed: int = 0
    batch: int = 20
    cap: int = 100
    half_width: float = HALF_WIDTH


@dataclass(frozen=True)
class Task:
    """One replication to run."""

    case: Case
    replication: int


Result = tuple[tuple[Value, ...], int]  # the values of the case's measures in their order; model events


@dataclass
class Book:
    """What is known of one case so far, by replication."""

    case: Case
    plan: Plan
    asked: int = 0
    results: dict[int, Result] = field(default_factory=dict)

    def values(self, n: int) -> list[Value]:
        """The n-th measure over the replications, in their order."""
        return [self.results[r][0][n] for r in sorted(self.results)]

    def due(self) -> list[Task]:
        """The replications to run next; none while a batch is out, or when there is enough."""
        if len(self.results) < self.asked or self._enough():
            return []
        batch = 1 if self.case.deterministic else min(self.plan.batch, self.plan.cap - self.asked)
        tasks = [Task(self.case, self.asked + n) for n in range(batch)]
        self.asked += batch
        return tasks

    def _enough(self) -> bool:
        if not self.asked:
            return False
        measures = self.case.measures
        met = all(narrow(m, self.values(n), self.plan.half_width) for n, m in enumerate(measures))
        return met or self.asked >= self.plan.cap

    def verdicts(self) -> list[Verdict]:
        """One for each quantity."""
        events = sum(fired for _, fired in self.results.values())
        return [
            judge(self.case, m, self.values(n), events, self.plan.half_width) for n, m in enumerate(self.case.measures)
        ]


def verify(
    cases: Sequence[Case],
    plan: Plan = Plan(),
    jobs: int | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> list[Verdict]:
    """Run the cases and judge them, in their order; `jobs` None uses every core. An error in a replication ends it."""
    books = {case.name: Book(case, plan) for case in cases}
    tasks = [task for book in books.values() for task in book.due()]
    tasks.sort(key=lambda task: -task.case.size)  # the long ones first, so that no worker is left with one at the end
    workers = min(jobs or os.cpu_count() or 1, len(tasks))
    meter = Meter(sum(task.case.size for task in tasks), report)
    if workers <= 1:
        _serial(books, tasks, plan.seed, meter)
    else:
        _parallel(books, tasks, plan.seed, workers, meter)
    return [verdict for book in books.values() for verdict in book.verdicts()]


def foreseen(cases: Sequence[Case], plan: Plan) -> float:
    """About how many model events the first batches fire on the machine floor."""
    return sum(case.floor_events * (1 if case.deterministic else plan.batch) for case in cases)


@dataclass
class Meter:
    """How far the campaign is, in model events that were foreseen; further batches make the total grow."""

    total: float
    report: Callable[[Progress], None]
    done: float = 0.0

    def tick(self, task: Task, further: Sequence[Task]) -> None:
        """A task is done and has made these due."""
        self.done += task.case.size
        self.total += sum(t.case.size for t in further)
        self.report(Progress(self.done, self.total, task.case.name))


def play(task: Task, seed: int) -> Result:
    """Run one replication and read the case's quantities off it."""
    seen, events = task.case.play(task.case, seed, task.replication)
    return tuple(Value.read(m, seen) for m in task.case.measures), events


def _note(books: dict[str, Book], task: Task, result: Result, meter: Meter) -> list[Task]:
    """Enter a result; what is to be run because of it."""
    book = books[task.case.name]
    book.results[task.replication] = result
    further = book.due()
    meter.tick(task, further)
    return further


def _serial(books: dict[str, Book], tasks: list[Task], seed: int, meter: Meter) -> None:
    for task in tasks:  # grows while it is read
        tasks.extend(_note(books, task, play(task, seed), meter))


# --- several processes ------------------------------------------------------------------------------------------
def _set_up(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business; it ends the workers
    threading.Thread(target=watch_parent, args=(parent,), daemon=True).start()


def _parallel(books: dict[str, Book], tasks: list[Task], seed: int, workers: int, meter: Meter) -> None:
    """Replications side by side, in spawned workers as the runner has them."""
    with ignoring_interrupts():  # workers are born deaf to Ctrl-C, also while they still import
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, context, initializer=_set_up, initargs=(os.getpid(),))
        waiting: dict[Future[Result], Task] = {pool.submit(play, task, seed): task for task in tasks}
    try:
        while waiting:
            finished, _ = wait(waiting, timeout=0.25, return_when=FIRST_COMPLETED)
            for future in finished:
                task = waiting.pop(future)
                for more in _note(books, task, future.result(), meter):
                    waiting[pool.submit(play, more, seed)] = more
        pool.shutdown()
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
