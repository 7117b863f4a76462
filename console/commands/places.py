"""`kpis`: the KPIs of a run by customer, item, plant, lane and so on."""

from pathlib import Path

import click

from console.answer import emit
from scenarios.ways import WAYS


@click.command()
@click.argument("run_name", metavar="RUN")
@click.option(
    "--by", "dimension", default="customer", show_default=True, help="customer, item, plant, lane, supplier ..."
)
@click.option("--kpi", "kpis", multiple=True, help="Only this KPI, and then zeros too; repeatable.")
@click.option("--way", type=click.Choice(WAYS), help="Only this way of working.")
@click.option(
    "--runs",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where runs named by id, by scenario or as 'last' are looked for.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def kpis(run_name: str, dimension: str, kpis: tuple[str, ...], way: str | None, root: Path, *, as_json: bool) -> None:
    """Print the KPIs of RUN by place: a table for each KPI, a row for each place, a column for each way of working."""
    from console.terminal.render import print_places
    from scenarios.answers.places import by_place
    from scenarios.runs.folder import load_run

    found = by_place(load_run(run_name, root), dimension, kpis, way or "")
    if as_json:
        emit(found.to_json())
    else:
        print_places(found, all_of_them=bool(kpis))
