"""`python -m bench [NAME...]`: measure, compare, print one table.

0 done   1 a measurement failed   2 usage   3 results of two sides disagree   130 interrupted
"""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from importlib import import_module
from time import perf_counter, process_time
from typing import Any, NoReturn

from bench.peers import version
from bench.progress import Progress
from bench.race import Run
from bench.table import Row, document, plain
from console import answer
from sim.ahead.active import active

OK, FAILED, USAGE, DISAGREE, INTERRUPTED = 0, 1, 2, 3, 130

# name: (module, about so many seconds, in a quick run, what it measures)
MODELS = {
    "hold": ("bench.hold", 65.0, 8.0, "N pending events, each set again when it fires; N = 10, 1,000, 100,000"),
    "mm1": ("bench.mm1", 70.0, 2.0, "the M/M/1 queue"),
    "line": ("bench.line", 80.0, 4.0, "ten machines in series that fail"),
    "floor": ("bench.floor", 30.0, 4.0, "the floor alone: events per second, many lines, trace, memory"),
    "above": ("bench.above", 35.0, 4.0, "the floor and Python: decision points, run-ahead, SimPy processes on ours"),
    "network": ("bench.network", 80.0, 6.0, "a year of 20 plants with all that stands above their floors"),
}
QUIET = 0.95
PEERS = ("simpy", "salabim", "ciw")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{message}. See {self.prog} --help\n")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Raises SystemExit(2) for what is not understood."""
    names = "\n".join(f"  {name:<8} {said}" for name, (*_, said) in MODELS.items())
    parser = Parser(
        prog="python -m bench", description="Measure PlantSync against its peers on the same models in the same run.",
        epilog=f"names:\n{names}", formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure (default: everything)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument(
        "--quick", action="store_true", help="small models, two pairs: does everything work? not judged"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first replication (default 1)")
    chosen = parser.parse_args(given)
    for name in chosen.names:
        if name not in MODELS:
            parser.error(f"no measurement '{name}'. there are {', '.join(MODELS)}")
    if chosen.seed < 0:
        parser.error(f"--seed {chosen.seed}: a seed is 0 or more")
    chosen.names = list(dict.fromkeys(chosen.names)) or list(MODELS)
    return chosen


def machine() -> dict[str, Any]:
    """What the figures were measured on: cores and type of the processor, and versions."""
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "python": platform.python_version(),
        "floor": str(active()),
        "peers": [version(name) for name in PEERS],
    }


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def measure(names: Sequence[str], run: Run) -> tuple[list[Row], int]:
    """All rows, and an exit code. A measurement that fails is one row; the others go on."""
    rows: list[Row] = []
    code = OK
    try:
        for name in names:
            with run.progress.part(name):
                try:
                    for row in import_module(MODELS[name][0]).measure(run):
                        rows.append(row)  # one by one: an interrupt keeps what is there
                except Exception as fault:
                    rows.append(Row(name, note=f"failed: {type(fault).__name__}: {fault}"))
                    code = FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == OK and not all(row.agrees for row in rows):
        code = DISAGREE
    return rows, code


def main(given: Sequence[str] | None = None) -> int:
    """Run, print, and return the exit code."""
    chosen = arguments(given)
    with answer.alone():
        return _measured(chosen)


def _measured(chosen: argparse.Namespace) -> int:
    expected = {name: quick if chosen.quick else full for name, (_, full, quick, _) in MODELS.items()}
    progress = Progress([(name, expected[name]) for name in chosen.names])
    run = Run(chosen.quick, chosen.seed, progress, slow=not active().compiled)
    wall, cpu = perf_counter(), process_time()
    rows, code = measure(chosen.names, run)
    share = (process_time() - cpu) / (perf_counter() - wall)
    run.progress.clear()
    about = {**machine(), "share_of_a_core": round(share, 3)}
    if chosen.json:
        answer.tell(document(rows, {**about, "seed": chosen.seed, "quick": chosen.quick}, not chosen.quick))
    else:
        answer.tell(plain(rows, not chosen.quick))
        answer.tell(f"\n{about['cpu']}, {about['cores']} cores; Python {about['python']}; floor {about['floor']}; "
              f"{', '.join(about['peers'])}. Medians of {run.pairs} interleaved pairs [lowest..highest].")  # fmt: skip
        if share < QUIET:
            answer.tell(
                f"Others were busy on this machine: the measurement got {share:.0%} of a core. Measure again alone."
            )
    if code == INTERRUPTED:
        print("interrupted", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
