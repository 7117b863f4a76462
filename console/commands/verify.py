"""`plantsync verify`: models whose answers are known exactly, run and compared."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from console.answer import emit
from console.exits import Exit
from console.values import SEED
from sync.vocabulary.errors import Refused

if TYPE_CHECKING:
    from scenarios.verify.case import Case
    from scenarios.verify.verdicts import Verdict

INTERPRETED_PER_S = 300_000.0  # model events per second and process, roughly


@click.command()
@click.option(
    "--case", "names", multiple=True, metavar="NAME", help="Only this case; repeatable. A wrong one lists all."
)
@click.option("--jobs", type=click.IntRange(1, 1024), help="Replications side by side. [default: processors]")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of all random numbers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def verify(names: tuple[str, ...], jobs: int | None, seed: int, as_json: bool) -> int:
    """Compare the machine floor, which runs the machines of all lines, and the supply network, which runs everything
    else, with exact answers of queueing, line and inventory theory. Exit 3 on a miss.

    A quantity passes when its exact value lies inside the 99.9 % interval of the replications and half the 95 %
    interval is at most 1 % of the exact value. The default seed passes. With another seed the whole table misses about
    once in 33 by chance alone (31 intervals, 1 - 0.999^31 = 3.1 %): repeat that case with a third seed, for example
    `plantsync verify --case mm1 --seed 3`. Twice the same miss on the same side is a fault, not chance.
    """
    from console.terminal.progress import Bar
    from scenarios.verify.campaign import Plan
    from scenarios.verify.campaign import verify as run_cases

    cases = _chosen(names)
    if warning := _patience(cases, jobs):
        click.echo(warning, err=True)
    with Bar("verify") as bar:
        verdicts = run_cases(cases, Plan(seed), jobs, bar.show)
    if as_json:
        emit(_document(verdicts, seed))
    else:
        _tell(verdicts, seed)
    return Exit.OK if all(v.passed for v in verdicts) else Exit.MISSED


def _chosen(names: tuple[str, ...]) -> list["Case"]:
    """The cases named, in the table's order; all when none is. Raises Refused for an unknown one."""
    from scenarios.errors import clip, listed, nearest
    from scenarios.verify.cases import table

    known = {case.name: case for case in table()}
    for name in names:
        if name not in known:
            allowed = listed(known, len(known))
            raise Refused(f"--case: found '{clip(name)}'. allowed: {allowed}{nearest(name, known)}")
    return [case for name, case in known.items() if not names or name in names]


def _patience(cases: list["Case"], jobs: int | None) -> str:
    """What to expect where the floor is interpreted; nothing where it is compiled or when it is a matter of seconds."""
    import os

    from scenarios.answers.wording import plural
    from scenarios.verify.campaign import Plan, foreseen

    if _floor() == "compiled":
        return ""
    events = foreseen(cases, Plan())
    minutes = events / (INTERPRETED_PER_S * (jobs or os.cpu_count() or 1)) / 60
    if minutes < 0.5:
        return ""
    return (
        f"the machine floor is interpreted here (`plantsync doctor` says why): these cases fire {events / 1e6:,.0f}"
        f" million events, about {plural(max(1, round(minutes)), 'minute')} instead of seconds"
    )


def _floor() -> str:
    from sim.ahead.active import active

    return "compiled" if active().compiled else "interpreted"


def _tell(verdicts: list["Verdict"], seed: int) -> None:
    from rich.text import Text

    from console.terminal.render import say, table, terminal
    from scenarios.verify.cases import LATER

    console = terminal()
    grid = table("case", "quantity", "exact", "measured", "95 % interval", "verdict", left=2, keep=True)
    for v in verdicts:
        verdict = Text("ok", style="green") if v.passed else Text("MISS", style="bold red")
        grid.add_row(v.case, v.quantity, f"{v.exact:.6g}", f"{v.measured:.5g}", _interval(v), verdict)
    console.print(grid)
    for v in verdicts:
        if not v.passed:
            say(console, f"{v.case}, {v.quantity} ({v.title}): {v.why}", "red")
    say(console, _summary(verdicts, seed))
    say(console, f"Join when its part is built: {'; '.join(LATER)}.", "dim")


def _interval(v: "Verdict") -> str:
    return "deterministic" if v.low is None or v.high is None else f"{v.low:.5g} .. {v.high:.5g}"


def _summary(verdicts: list["Verdict"], seed: int) -> str:
    from scenarios.answers.wording import plural
    from scenarios.verify.verdicts import false_alarm

    missed = sum(not v.passed for v in verdicts)
    drawn = sum(v.low is not None for v in verdicts)
    result = f"{missed} of {plural(len(verdicts), 'answer')} missed" if missed else "every answer is right"
    chance = f" A right simulator misses somewhere with {false_alarm(drawn):.1%} of all seeds." if drawn else ""
    return f"{result}; seed {seed}, {_floor()} floor, {_events(verdicts):,} model events.{chance}"


def _events(verdicts: list["Verdict"]) -> int:
    """Model events of all cases; a case with two quantities ran once."""
    return sum({v.case: v.events for v in verdicts}.values())


def _document(verdicts: list["Verdict"], seed: int) -> dict[str, Any]:
    from scenarios.verify.cases import LATER
    from scenarios.verify.verdicts import HALF_WIDTH, SURE, false_alarm

    return {
        "passed": all(v.passed for v in verdicts),
        "seed": seed,
        "floor": _floor(),
        "events": _events(verdicts),
        "inside": SURE,
        "half_width": HALF_WIDTH,
        "false_alarm": false_alarm(sum(v.low is not None for v in verdicts)),
        "cases": [{**asdict(v), "passed": v.passed} for v in verdicts],
        "later": list(LATER),
    }
