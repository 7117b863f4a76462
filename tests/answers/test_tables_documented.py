"""docs/tables.md: every table and column of a network's folder and of a run, as they are declared."""

import os
from pathlib import Path

from scenarios.answers.export import DECISIONS, WHERE
from scenarios.files.sheets import SHEETS, columns
from scenarios.runs.columns import TABLES, meaning
from scenarios.runs.record import COLUMNS
from sync.vocabulary.decisions import Decision

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
HEAD = """\
# Tables: take a network or a run along

Written from the declarations and held against them by a test;
`UPDATE_EXPECTED=1 pytest tests/answers/test_tables_documented.py` writes it anew.

    plantsync export three-plants.yaml -o folder          # a network as a folder of CSV tables
    plantsync import csv folder -o back                   # and back: network.yaml, and a scenario to run it
    plantsync export last --to csv -o tables              # every table of the newest run
    plantsync export last --to xlsx -o run.xlsx           # the same as one workbook, a sheet a table
    plantsync export last --table orders -o tables        # only one

CSV is UTF-8 with commas, decimal points and a header. Text of a run that a spreadsheet would compute (it begins with
`=`, `+`, `-`, `@`, a tab or a carriage return) gets an apostrophe in front; in a workbook it is text. A table longer
than a sheet goes on in the next one, and text longer than a cell's 32,767 characters ends in `...` there. Big runs are
written in stretches and need no more memory than small ones.

## A network

One file a table, each left out when it has no rows. Out and in again gives an equal network, and runs of the same
digest. A cell is written as in the YAML file (`2d`, `1.9/pcs`, `[48.1, 11.6]`, `{lognormal: {mean: 30s, cv: 0.2}}`);
an empty one leaves the key out. A dot leads into a mapping: `fails.after`. Columns may stand in any order, and only
those in **bold** must be there. Files that cells name (orders, rates, values) lie beside the tables. Whatever is wrong
is named by file, line and column; a mistake that many cells share is told twice and counted (`and 98 more like this`).
"""
RUN = """\
## A run

Every table has `way` and `replication` in front, so that all worlds stand one below the other. Times are milliseconds
since the start of the run, -1 where there is none; `_minor` is money in hundredths of the currency; quantities are
pieces. Columns of a table that is not described here are described by who adds it.
"""


def tables_of_a_run() -> dict[str, list[str]]:
    declared = {name: list(of) for name, of in COLUMNS.items()}
    return {**declared, DECISIONS: list(Decision.__struct_fields__)}


def written() -> str:
    lines = [HEAD]
    for sheet in SHEETS:
        lines += [f"### {sheet.name}.csv", "", "| column | meaning | example |", "|---|---|---|"]
        for c in columns(sheet):
            example = f"`{c.example}`" if c.example else ""
            lines.append(f"| {f'**{c.name}**' if c.needed else c.name} | {c.text} | {example} |".replace("  |", " |"))
        lines.append("")
    lines += [RUN, f"Everywhere: `{WHERE[0]}`: {meaning('', WHERE[0])} `{WHERE[1]}`: {meaning('', WHERE[1])}", ""]
    for name, of in tables_of_a_run().items():
        lines += [f"### {name}", "", TABLES[name], "", "| column | meaning |", "|---|---|"]
        lines += [f"| {column} | {meaning(name, column)} |" for column in of]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def test_the_page_is_what_the_declarations_say() -> None:
    if os.environ.get("UPDATE_EXPECTED"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written()
