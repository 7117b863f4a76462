"""A file in, a run folder out. The only storey where the twin is wired together.

From Python: `from scenarios import run, load_run`. Nothing heavy is imported until one of them is used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scenarios.runs.results import RunResult


def run(
    scenario: "str | Path", ways: "Sequence[str] | None" = None, *, seed: int | None = None, reps: int | None = None,
    baseline: bool = False, jobs: int = 1, sets: "Sequence[str]" = (),
) -> "RunResult":  # fmt: skip
    """Simulate a scenario by path or library name; what is left out is the scenario's own. No run folder is written.

    Raises InputError with every fault of the files, InvariantViolation when something is broken that must hold.
    With `jobs` above 1 the caller's module is imported by every worker: guard it with `if __name__ == "__main__"`.
    """
    from scenarios.files.loader import load_scenario
    from scenarios.twin.runner import run_scenario

    return run_scenario(load_scenario(str(scenario), sets), ways, seed, reps, baseline, jobs)


def load_run(name: "str | Path", root: "str | Path" = "runs") -> "RunResult":
    """A run folder by path, by id, by scenario name or as `last` below `root`. Raises RunFolderError."""
    from pathlib import Path

    from scenarios.runs.folder import load_run as load

    return load(name, Path(root))
