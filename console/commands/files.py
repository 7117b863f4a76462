"""Commands about files: `init`, `check`, `schema`."""

from pathlib import Path

import click

from console.answer import emit, tell
from console.exits import Exit
from console.values import Folder, overriding
from scenarios.files.schema import SCHEMAS, json_schema
from scenarios.files.templates import TEMPLATES, write_template


@click.command()
@click.argument("directory", type=Folder())
@click.option("--template", type=click.Choice(list(TEMPLATES)), default=next(iter(TEMPLATES)), show_default=True)
def init(directory: Path, template: str) -> None:
    """Write a template's files into DIRECTORY: a network, a scenario, ready to run."""
    written = write_template(template, directory)
    for path in written:
        tell(path)
    from console.terminal.commandline import pasted

    click.echo(f"next: {pasted('check', str(written[-1]))}\n      {pasted('run', str(written[-1]))}", err=True)


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Exit 3 for warnings too.")
@overriding
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(files: tuple[str, ...], strict: bool, as_json: bool, sets: tuple[str, ...]) -> int:
    """Validate FILES (scenarios or networks) and the network's logic.

    Exit 2: a file cannot be used. Exit 3: valid, but something in it cannot be met.
    """
    from console.terminal.checking import print_verdict
    from scenarios.errors import InputError
    from scenarios.feasibility.verdict import examine

    verdicts, faults = [], []
    for file in files:
        try:
            verdicts.append(examine(file, sets))
        except InputError as fault:
            faults += fault.faults
    if as_json:
        emit({"files": [v.to_json() for v in verdicts], "faults": [str(f) for f in faults]})
    else:
        for verdict in verdicts:
            print_verdict(verdict)
    if faults:
        raise InputError(faults)
    failed = any(v.unmet or (strict and v.warned) for v in verdicts)
    return Exit.MISSED if failed else Exit.OK


@click.command()
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def schema(name: str) -> None:
    """Print the JSON Schema of a kind of file."""
    emit(json_schema(name), indent=2)
