"""Commands about runs: `run`, `compare`, `explain`, `demo`."""

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.answer import emit, tell
from console.exits import Exit
from console.terminal.commandline import called_with, portable, without_paths
from console.values import SEED, Folder, overriding
from console.versions import versions
from scenarios.ways import WAYS
from sync.vocabulary.errors import Refused

if TYPE_CHECKING:
    from scenarios.files.loader import Loaded
    from scenarios.runs.results import RunResult
    from scenarios.twin.assembly import Sabotage

OUT = click.option(
    "--out", type=Folder(), default=Path("runs"), show_default=True,
    help="Where run folders go: DIR/<scenario>/<id>/.",
)  # fmt: skip
RUNS = click.option(
    "--runs", "root", type=Folder(), default=Path("runs"), show_default=True,
    help="Where runs named by id, by scenario or as 'last' are looked for.",
)  # fmt: skip
JOBS = click.option("--jobs", type=click.IntRange(1, 1024), help="Worlds side by side. [default: processors]")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.command()
@click.argument("scenario")
@click.option("--way", "ways", multiple=True, type=click.Choice([*WAYS, "all"]), help="[default: the scenario's ways]")
@click.option("--baseline", is_flag=True, help="Also run everything without the disruptions: what did they cost?")
@click.option("--seed", type=SEED, help="[default: the scenario's]")
@click.option("--reps", type=click.IntRange(1, 100_000), help="Replications. [default: the scenario's]")
@overriding
@OUT
@click.option("--report", is_flag=True, help="Also write report.html into the run folder.")
@JOBS
@click.option("--changes", is_flag=True, help="Also keep every signal change.")
@click.option(
    "--sabotage",
    metavar="SITE:ITEM:PIECES@TIME",
    help="Self-test: let pieces vanish without a posting; the run must stop with exit 3.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the run folder alone, and missed thresholds.")
@AS_JSON
def run(**options: Any) -> int:
    """Simulate SCENARIO (a file, or the name of a library scenario) and compare its ways of working.

    Exit 3 when a threshold of the scenario is missed.
    """
    from scenarios.errors import UnwritableRun
    from scenarios.files.loader import load_scenario

    loaded = load_scenario(options["scenario"], options["sets"])
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    as_json, quiet = options["as_json"], options["quiet"]
    try:
        done = simulate(loaded, **{k: v for k, v in options.items() if k not in ("scenario", "as_json", "quiet")})
    except UnwritableRun as fault:
        if fault.run is not None:  # the disk would not have it: it is told at least
            _tell(fault.run, as_json, quiet)
        raise
    _tell(done, as_json, quiet)
    return _exit_code(done)


def _tell(done: "RunResult", as_json: bool, quiet: bool) -> None:
    from console.terminal.render import print_run, threshold_line
    from scenarios.runs.document import to_json

    if as_json:
        emit(to_json(done))
    elif quiet:
        for threshold in (t for t in done.thresholds if not t.passed):
            click.echo(threshold_line(threshold, done.currency).plain, err=True)
        tell(done.out)
    else:
        print_run(done)


def _exit_code(done: "RunResult") -> int:
    if done.status != "complete":
        for failure in done.failures:
            click.echo(failure, err=True)
        click.echo(f"{done.status}: what was finished is in {done.out}", err=True)
        return Exit.INTERRUPTED if done.status == "interrupted" else Exit.PARTIAL
    return Exit.OK if done.passed else Exit.MISSED


def simulate(
    loaded: "Loaded",
    *,
    ways: tuple[str, ...] = (),
    baseline: bool = False,
    seed: int | None = None,
    reps: int | None = None,
    sets: tuple[str, ...] = (),
    out: Path = Path("runs"),
    report: bool = False,
    jobs: int | None = None,
    changes: bool = False,
    sabotage: str | None = None,
) -> "RunResult":
    """Run a loaded scenario under a progress bar and write its run folder."""
    from console.terminal.progress import Bar
    from scenarios.answers.report.report import render_report
    from scenarios.runs.folder import reserve, run_id, write_run
    from scenarios.runs.results import Provenance, RunResult
    from scenarios.twin.runner import run_scenario

    model = loaded.scenario
    chosen = tuple(w for w in WAYS if w in ways or "all" in ways) or model.ways
    seed = model.seed if seed is None else seed
    count = reps or model.replications
    planted = _planted(loaded, sabotage) if sabotage is not None else None
    began = datetime.now(UTC)
    partial = reserve(out, model.id, run_id(f"{began:%Y%m%d-%H%M%S}", loaded.files, seed, sets))
    try:
        with Bar(model.id) as bar:
            done = run_scenario(
                loaded, chosen, seed, count, baseline, jobs, bar.show, changes=changes, sabotage=planted
            )
    except KeyboardInterrupt:
        done = RunResult(model.id, model.title, seed, {}, status="interrupted", inputs=dict(loaded.files), model=model)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.rmdir()
        raise
    streams = done.provenance.streams
    done.provenance = Provenance(
        command=["plantsync", *map(portable, called_with())],
        sets=[portable(word) for word in sets],
        started=began.isoformat(timespec="seconds"),
        ended=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        streams=streams,
        warnings=[without_paths(str(w)) for w in loaded.warnings],
    )
    done.failures = [without_paths(f) for f in done.failures]
    write_run(done, partial, render_report if report and done.ways else None)
    return done


def _planted(loaded: "Loaded", text: str) -> "Sabotage":
    """`lyon:HOUSING:5@14d 08:00`."""
    from scenarios.errors import clip
    from scenarios.files.units import instant
    from scenarios.twin.assembly import Sabotage
    from sync.vocabulary.errors import Refused

    found = re.fullmatch(r"([^:@]+):([^:@]+):0*([1-9][0-9]{0,8})@(.+)", text)
    network = loaded.scenario.network
    sites = [*(p.id for p in network.plants), *(w.id for w in network.warehouses)]
    if not found or found[1] not in sites or found[2] not in {i.id for i in network.items}:
        sites_said = ", ".join(sites[:8])
        raise Refused(
            f"--sabotage: found '{clip(text)}'. allowed: SITE:ITEM:PIECES@TIME with a site of {sites_said},"
            " an item of the network and 1 to 999,999,999 pieces"
        )
    try:
        at = instant(found[4])
    except Refused as refused:
        raise Refused(f"--sabotage: {refused}") from None
    if at > loaded.scenario.horizon_s:
        days = loaded.scenario.horizon_s / 86_400
        raise Refused(f"--sabotage: found '{clip(found[4])}'. allowed: a time up to the horizon of {days:g} d")
    return Sabotage(found[1], found[2], int(found[3]), at)


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option("--fail-if", "conditions", multiple=True, metavar="'KPI<N%@95'", help="Exit 4 when it holds; repeatable.")
@click.option("--way", type=click.Choice(WAYS), help="Only this way of working.")
@RUNS
@AS_JSON
def compare(runs: tuple[str, ...], conditions: tuple[str, ...], way: str | None, root: Path, as_json: bool) -> int:
    """Compare runs with the first of them, replication by replication on common random numbers.

    In --fail-if 'otif<-1%' the difference is RUN minus the first; % means points for a share, else relative to it. The
    mean is judged; 'otif<-1%@95' holds only when the whole 95 % interval is beyond the limit, so that chance does not
    set it off. What can never hold (a limit beyond every value, no such KPI, no interval) is refused with exit 2.
    """
    from console.terminal.render import print_comparison
    from scenarios.answers.compare import compare as compare_runs
    from scenarios.answers.conditions import parse_condition, regressions
    from scenarios.runs.folder import load_run

    if len(runs) < 2:
        raise Refused("compare needs at least two runs")
    parsed = [parse_condition(text) for text in conditions]
    compared = compare_runs([load_run(name, root) for name in runs], way)
    found = regressions(compared, parsed)
    if as_json:
        emit({"comparisons": [c.to_json() for c in compared], "regressions": found})
    else:
        for one in compared:
            print_comparison(one)
    for sentence in found:
        click.echo(sentence, err=True)
    return Exit.REGRESSION if found else Exit.OK


@click.command()
@click.argument("run_name", metavar="RUN")
@click.argument("name", metavar="ORDER|DECISION")
@click.option("--why-not", metavar="PLANT", help="Why this plant (or site) does not serve the order.")
@click.option("--way", type=click.Choice(WAYS), default="synced", show_default=True)
@click.option("--rep", type=click.IntRange(min=0), default=0, show_default=True, help="Replication.")
@RUNS
@AS_JSON
def explain(run_name: str, name: str, *, why_not: str | None, way: str, rep: int, root: Path, as_json: bool) -> None:
    """Tell the story of an order or a decision of RUN: what happened, who knew it when, what was decided and why."""
    from console.terminal.render import print_explanation
    from scenarios.answers.explain.explain import explain as explain_run
    from scenarios.runs.folder import load_run

    if why_not is not None and not why_not.strip():
        raise Refused("--why-not: found ''. allowed: the name of a plant or site")
    told = explain_run(load_run(run_name, root), name, way=way, rep=rep, why_not=why_not)
    if as_json:
        emit(told.to_json())
    else:
        print_explanation(told)


@click.command()
@click.argument("name", default="line-stoppage")
@click.option("--reps", type=click.IntRange(1, 1000), default=5, show_default=True, help="Replications.")
@overriding
@JOBS
@OUT
def demo(name: str, reps: int, jobs: int | None, out: Path, sets: tuple[str, ...]) -> int:
    """A built-in story end to end in under a minute, narrated. Thresholds are shown and do not set the exit code."""
    from console.terminal.story import tell
    from scenarios.errors import UnwritableRun
    from scenarios.files.loader import load_scenario

    loaded = load_scenario(name, sets)
    try:
        done = simulate(loaded, ways=("all",), reps=reps, sets=sets, out=out, jobs=jobs, report=True)
    except UnwritableRun as fault:
        if fault.run is not None:
            tell(fault.run)
        raise
    if done.status == "interrupted":
        return Exit.INTERRUPTED
    tell(done)
    return Exit.OK
