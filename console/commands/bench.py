"""`plantsync bench`: starts `python -m bench`, which lies beside the packages in a source checkout and nowhere else."""

import subprocess
import sys
from pathlib import Path

import click

from console import answer
from console.errors import Unavailable
from console.exits import Exit


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--quick", is_flag=True, help="Small models, two pairs: does everything work? Nothing is judged.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the first replication.")
def bench(names: tuple[str, ...], as_json: bool, quick: bool, seed: int) -> int:
    """Measure this machine against SimPy, salabim and Ciw on the same models.

    NAMES are hold (pending timers), mm1 (a queue), line (ten machines that fail), floor (many lines, trace, memory),
    above (Python and SimPy over the lines) and network (a year of 20 plants); none means all of them, about eight
    minutes. Salabim and Ciw are left out where they are not installed: pip install -e '.[bench]'. Exit 3 when two sides
    do not agree on the results: then no ratio is printed. Exit 6 outside a source checkout.
    """
    root = checkout()
    flags = [flag for flag, given in (("--json", as_json), ("--quick", quick)) if given]
    return started([sys.executable, "-m", "bench", "--seed", str(seed), *flags, "--", *names], root)


def checkout() -> Path:
    """The source checkout these packages are run from. Raises Unavailable when they are installed elsewhere."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "bench" / "__main__.py").is_file():
        raise Unavailable(
            "bench is not part of an installed plantsync: it measures against other simulators and lies in the source "
            "checkout. There: pip install -e '.[bench]', then plantsync bench",
        )
    return root


def started(command: list[str], root: Path) -> int:
    """Run it to its end, also when Ctrl-C is pressed: that reaches both, and the measurement says what it has."""
    with subprocess.Popen(command, cwd=root, stdout=answer.descriptor()) as process:
        while True:
            try:
                code = process.wait()
                return code if code >= 0 else Exit.INTERNAL
            except KeyboardInterrupt:
                continue
