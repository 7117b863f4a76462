"""The runner: every way and replication of a scenario, paired on the same random numbers, on one or more processes.

    scenario --> tasks (way x replication x with/without disruptions) --> worlds --> RunResult

A task is a pure function of (scenario, way, seed, replication): the same digest on one worker or on eight.
"""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from plants.definition import ScenarioSpec
from plants.errors import InvariantViolation
from plants.kpis.warmup import mser5
from scenarios.runs.replication import Replication
from scenarios.runs.results import RunResult, collect
from scenarios.twin.assembly import Sabotage, Twin, assemble

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import SynchronizedArray

    from scenarios.files.loader import Loaded

SLICES = 50  # reports of progress per world


@dataclass(frozen=True)
class Progress:
    """How far the run is, in seconds of virtual time over all its worlds."""

    done_s: float
    total_s: float
    label: str


@dataclass(frozen=True)
class Task:
    """One world to simulate."""

    way: str
    replication: int
    disrupted: bool = True


@dataclass(frozen=True)
class Job:
    """What every worker needs to know."""

    scenario: ScenarioSpec
    seed: int
    changes: bool = False
    sabotage: Sabotage | None = None
    unservable: tuple[dict[str, str], dict[str, str]] = ({}, {})  # without, with disruptions


def run_scenario(
    loaded: "Loaded",
    ways: Sequence[str] | None = None,
    seed: int | None = None,
    reps: int | None = None,
    baseline: bool = False,
    jobs: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    *,
    changes: bool = False,
    sabotage: Sabotage | None = None,
) -> RunResult:
    """Simulate; `jobs` None uses every core. A replication or a KPI that fails is recorded and the others go on; a
    broken invariant stops everything (InvariantViolation). Ctrl-C gives back what is finished, marked `interrupted`."""
    scenario = loaded.scenario
    if scenario.warmup_auto:
        scenario = replace(scenario, warmup_s=find_warmup(scenario, scenario.seed if seed is None else seed))
    job = Job(
        scenario, scenario.seed if seed is None else seed, changes, sabotage,
        (find_unservable(replace(scenario, disruptions=())), find_unservable(scenario)),
    )  # fmt: skip
    chosen = tuple(ways or scenario.ways)
    count = reps or scenario.replications
    tasks = [Task(w, r, d) for r in range(count) for w in chosen for d in ((True, False) if baseline else (True,))]
    report = progress or (lambda _: None)
    done: list[tuple[Task, Replication]] = []
    failures: list[str] = []
    status = "complete"
    workers = min(jobs or os.cpu_count() or 1, len(tasks))
    try:
        for task, result in _serial(job, tasks, report) if workers == 1 else _parallel(job, tasks, workers, report):
            if isinstance(result, Replication):
                done.append((task, result))
                failures += [told for said in result.faults if (told := f"{task.way}: {said}") not in failures]
            else:
                failures.append(f"{task.way}, replication {task.replication}: {result}")
    except KeyboardInterrupt:
        status = "interrupted"
    if failures and status == "complete":
        status = "partial"
    return collect(
        loaded, job.seed, _by_way(chosen, done, True), _by_way(chosen, done, False) if baseline else {},
        status=status, failures=failures,
    )  # fmt: skip


def _by_way(ways: Sequence[str], done: list[tuple[Task, Replication]], disrupted: bool) -> dict[str, list[Replication]]:
    found = {w: [r for t, r in done if t.way == w and t.disrupted is disrupted] for w in ways}
    return {w: reps for w, reps in found.items() if reps}


def find_unservable(scenario: ScenarioSpec) -> dict[str, str]:
    """Order -> why no way could serve it under the scenario's disruptions (only orders that are known beforehand)."""
    if not any(c.orders for c in scenario.network.customers):
        return {}
    from scenarios.feasibility.bounds import servable

    return {order: reason for order, reason in servable(scenario).items() if reason}


def find_warmup(scenario: ScenarioSpec, seed: int) -> float:
    """Warm-up in seconds by MSER-5 over the hourly output of an undisturbed pilot of way `none`."""
    twin = assemble(scenario, "none", seed, disruptions=False)
    hourly: list[int] = []
    before = 0
    for hour in range(1, int(scenario.horizon_s // 3600) + 1):
        twin.env.advance(hour * 3600.0)
        made = sum(line.good for line in twin.network.lines.values())
        hourly.append(made - before)
        before = made
    return mser5(hourly) * 3600.0


# --- one world --------------------------------------------------------------------------------------------------
def simulate(job: Job, task: Task, report: Callable[[float], None]) -> Replication:
    """Run one world to its horizon. Raises InvariantViolation."""
    with _few_collections():
        return _simulate(job, task, report)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for garbage seldom. A world makes hardly any in circles, and all that it keeps (orders, rows, messages)
    would be searched anew every time: a third of the time of a long run."""
    before = gc.get_threshold()
    gc.set_threshold(10_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _simulate(job: Job, task: Task, report: Callable[[float], None]) -> Replication:
    began = time.perf_counter()
    scenario = job.scenario
    twin = assemble(
        scenario, task.way, job.seed, task.replication, disruptions=task.disrupted,
        unservable=job.unservable[task.disrupted],
    )  # fmt: skip
    rows = _record_changes(twin) if job.changes else None
    if job.sabotage is not None:
        twin.sabotage(job.sabotage)
    for n in range(1, SLICES + 1):
        twin.env.advance(scenario.horizon_s * n / SLICES)
        report(scenario.horizon_s * n / SLICES)
    twin.finish()
    result = twin.result(time.perf_counter() - began)
    if rows is not None:
        result.tables["changes"] = {**rows}
    return result


def _record_changes(twin: Twin) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {k: [] for k in ("id", "time_ms", "signal", "value", "quality")}

    def note(change: Any) -> None:
        for key, column in rows.items():
            value = getattr(change, key)
            column.append(str(value) if key == "value" else value)

    twin.on_change(note)
    return rows


def _attempt(job: Job, task: Task, report: Callable[[float], None]) -> Replication | str:
    """A replication, or in one line why there is none."""
    try:
        return simulate(job, task, report)
    except (InvariantViolation, KeyboardInterrupt):
        raise
    except Exception as error:  # one failed world must not take the others with it
        if os.environ.get("PLANTSYNC_DEBUG"):
            raise
        return f"{type(error).__name__}: {error}"


def _label(task: Task) -> str:
    return f"{task.way} {task.replication + 1}" + ("" if task.disrupted else " undisturbed")


def _serial(
    job: Job, tasks: Sequence[Task], report: Callable[[Progress], None]
) -> Iterator[tuple[Task, Replication | str]]:
    total = job.scenario.horizon_s * len(tasks)
    for n, task in enumerate(tasks):
        before = n * job.scenario.horizon_s

        def note(now: float, before: float = before, task: Task = task) -> None:
            report(Progress(before + now, total, _label(task)))

        yield task, _attempt(job, task, note)


# --- several processes ------------------------------------------------------------------------------------------
_worker: dict[str, Any] = {}


def _set_up(job: Job, clocks: "SynchronizedArray[float]", parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business; it ends the workers
    _worker.update(job=job, clocks=clocks)
    threading.Thread(target=watch_parent, args=(parent,), daemon=True).start()


def watch_parent(parent: int) -> None:
    """A worker must not outlive a parent that was killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _work(n: int, task: Task) -> Replication | str:
    clocks = _worker["clocks"]

    def note(now: float) -> None:
        clocks[n] = now

    return _attempt(_worker["job"], task, note)


def _parallel(
    job: Job, tasks: Sequence[Task], workers: int, report: Callable[[Progress], None]
) -> Iterator[tuple[Task, Replication | str]]:
    """Worlds side by side. Workers are spawned, not forked: the parent may have threads (the progress bar has)."""
    context = multiprocessing.get_context("spawn")
    clocks = context.Array("d", len(tasks))
    total = job.scenario.horizon_s * len(tasks)
    with ignoring_interrupts():  # workers are born deaf to Ctrl-C, also while they still import
        pool = ProcessPoolExecutor(workers, context, initializer=_set_up, initargs=(job, clocks, os.getpid()))
        waiting: dict[Future[Replication | str], Task] = {
            pool.submit(_work, n, task): task for n, task in enumerate(tasks)
        }
    try:
        while waiting:
            finished, _ = wait(waiting, timeout=0.25, return_when=FIRST_COMPLETED)
            report(Progress(sum(clocks[:]), total, f"{len(tasks) - len(waiting)} of {len(tasks)} worlds"))
            for future in finished:
                task = waiting.pop(future)
                yield task, future.result()
        pool.shutdown()
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
        raise


@contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """Ctrl-C waits until the block is done; only the main thread has a say in signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
