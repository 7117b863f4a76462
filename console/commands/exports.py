"""`export`: the tables of a run, or of a network, as CSV files or as one workbook."""

from pathlib import Path

import click

from console.answer import tell
from scenarios.answers.export import KINDS, Kind


@click.command()
@click.argument("source", metavar="RUN|FILE")
@click.option("--to", "kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="What to write.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder to write; the file, for xlsx."
)
@click.option("--table", "tables", multiple=True, help="Of a run, only this table; repeatable.")
@click.option(
    "--runs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where runs named by id, by scenario or as 'last' are looked for.",
)
def export(source: str, kind: Kind, out: Path, tables: tuple[str, ...], root: Path) -> None:
    """Write every table of a run, or the tables of a network, to take them along.

    RUN is a run folder, a run id, a scenario name (its newest run) or 'last'; FILE a network file, or a scenario file
    whose network is meant: `plantsync import csv` makes the same network of its tables again. The tables and
    their columns are described in docs/tables.md.
    """
    from scenarios.answers.export import export_network, export_run
    from scenarios.files.loader import network_of
    from scenarios.runs.folder import load_run
    from sync.vocabulary.errors import Refused

    if not str(out).strip(". /"):
        raise Refused(
            f"--out: found '{out}'. allowed: the path of a {'folder' if kind == 'csv' else 'file'} of its own"
        )
    if source.endswith((".yaml", ".yml")):
        if tables:
            raise Refused("--table: a network is exported whole. allowed: --table with a run")
        written = export_network(network_of(source), out, kind)
    else:
        written = export_run(load_run(source, root), out, kind, tables)
    for path in written:
        tell(path)
