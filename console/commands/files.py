"""Commands about files: `init`, `import`, `check`, `schema`."""

from pathlib import Path

import click

from console.answer import emit, tell
from console.failures import MISSED, OK
from console.values import SEED, Folder

TEMPLATES = ("three-plants", "hub-spoke", "blank")
SCHEMAS = ("network", "scenario", "policy", "messages")
DAYS, AMOUNT = click.IntRange(0, 36_500), click.IntRange(0, 10**12)


@click.command()
@click.argument("directory", type=Folder())
@click.option("--template", type=click.Choice(TEMPLATES), default="three-plants", show_default=True)
def init(directory: Path, template: str) -> None:
    """Write a template's files into DIRECTORY: a network, a scenario, ready to run."""
    from scenarios.files.templates import write_template

    written = write_template(template, directory)
    for path in written:
        tell(path)
    from console.commands.run import pasted

    click.echo(f"next: {pasted('check', str(written[-1]))}\n      {pasted('run', str(written[-1]))}", err=True)


@click.group(name="import")
def import_() -> None:
    """Start from data: turn a data set into a network file and scenarios."""


@import_.command()
@click.argument("src", type=Folder())
@click.option("-o", "--out", type=Folder(), required=True, help="Folder to write.")
@click.option("--horizon-days", type=click.IntRange(1, 36_500), default=40, show_default=True)
@click.option("--late-penalty", type=AMOUNT, default=1000, show_default=True, help="USD per order and day.")
@click.option("--due-slack-days", type=DAYS, default=2, show_default=True, help="Due = order day + TPT + this.")
@click.option("--reroute-auto-below", default="always", show_default=True, help="USD, or always: no person is asked.")
@click.option("--counts", type=click.Choice(["orders", "pcs"]), default="orders", show_default=True)
@click.option("--own-transit-days", type=DAYS, help="Transit of own-freight and unpriced orders. [default: TPT]")
@click.option("--seed", type=SEED, default=0, show_default=True)
def brunel(src: Path, out: Path, **options: object) -> None:
    """The Brunel outbound network (SRC: folder of its CSV files): network.yaml and four scenarios."""
    from scenarios.importers.brunel import BrunelOptions, import_brunel

    for path in import_brunel(src, out, BrunelOptions(**options)):  # type: ignore[arg-type]
        tell(path)


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Exit 3 for warnings too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(files: tuple[str, ...], strict: bool, as_json: bool) -> int:
    """Validate FILES (scenarios or networks) and the network's logic.

    Exit 2: a file cannot be used. Exit 3: valid, but something in it cannot be met.
    """
    from console.terminal.checking import examine, print_report
    from scenarios.errors import InputError

    reports, faults = [], []
    for file in files:
        try:
            reports.append(examine(file))
        except InputError as fault:
            faults += fault.faults
    if as_json:
        emit({"files": [r.to_json() for r in reports], "faults": [str(f) for f in faults]})
    else:
        for report in reports:
            print_report(report)
    if faults:
        raise InputError(faults)
    failed = any(r.unmet or (strict and r.warned) for r in reports)
    return MISSED if failed else OK


@click.command()
@click.argument("name", type=click.Choice(SCHEMAS))
def schema(name: str) -> None:
    """Print the JSON Schema of a kind of file."""
    from scenarios.files.schema import json_schema

    emit(json_schema(name), indent=2)
