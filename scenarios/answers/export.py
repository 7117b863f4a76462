"""Take a run or a network along: every table as CSV, or as the sheets of one xlsx workbook.

A run's tables are read and written in stretches, so that a big one needs no more memory than a small one. Text that a
spreadsheet would compute is written so that it does not: by an apostrophe in front in CSV, as text in a workbook.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from msgspec import to_builtins

from plants.kpis.registry import definition
from scenarios.errors import ExportError
from scenarios.files.loader import LoadedNetwork
from scenarios.files.sheets import FORMULA, NAMED, columns, rows_of
from scenarios.runs.folder import stretches, table_names
from scenarios.runs.replication import Columns
from scenarios.runs.results import KPI_COLUMNS, RunResult
from sync.vocabulary.decisions import Decision

Kind = Literal["csv", "xlsx"]
KINDS: tuple[Kind, ...] = ("csv", "xlsx")
WHERE = ("way", "replication")  # the first columns of every table of a run
DECISIONS, KPIS = "decisions", "kpis"
SHEET_ROWS = 1_048_576  # of a workbook, its header included
CELL_TEXT = 32_767  # characters of a workbook's cell
EXACT = 2**53  # whole numbers beyond it are text in a workbook, which has floating-point numbers alone
STAMP = datetime(2026, 1, 1)  # in a workbook, so that the same run gives the same bytes


class Writer(Protocol):
    """Where tables go."""

    def begin(self, table: str, header: Iterable[str]) -> None: ...

    def row(self, cells: Iterable[Any]) -> None: ...


def export_run(run: RunResult, out: Path, kind: Kind, tables: Iterable[str] = ()) -> list[Path]:
    """Every table of a run, or only `tables`, with way and replication in front; the KPIs of every replication and the
    decisions are tables too. The files written. Raises ExportError, DamagedRun."""
    there = [name for name in _tables_of(run) if not tables or name in set(tables)]
    if unknown := sorted(set(tables) - set(there)):
        raise ExportError(f"this run has no table '{unknown[0]}'. allowed: {', '.join(_tables_of(run))}")
    with _writer(out, kind) as writer:
        for name in there:
            _export(run, name, writer)
    return writer.written


def _tables_of(run: RunResult) -> list[str]:
    names = chain.from_iterable(table_names(rep) for reps in run.ways.values() for rep in reps)
    return list(dict.fromkeys([KPIS, *names, DECISIONS]))


def _export(run: RunResult, name: str, writer: Writer) -> None:
    """One table, all ways and replications one below the other; a column that some do not have is empty there."""
    header = _header(run, name)
    writer.begin(name, header)
    for way, reps in run.ways.items():
        for rep in reps:
            for part in _parts(run, name, rep):
                if not part:
                    continue
                rows = len(next(iter(part.values())))
                here = {WHERE[0]: [way] * rows, WHERE[1]: [rep.replication] * rows, **part}
                for cells in zip(*(here.get(column, [None] * rows) for column in header), strict=True):
                    writer.row(cells)


def _header(run: RunResult, name: str) -> list[str]:
    found = dict.fromkeys(WHERE)
    for reps in run.ways.values():
        for rep in reps:
            found |= dict.fromkeys(next(_parts(run, name, rep), {}))
    return list(found)


def _parts(run: RunResult, name: str, rep: Any) -> Iterator[Columns]:
    if name in table_names(rep):
        yield from stretches(rep, name)
    elif name == KPIS:
        rows = [(k, v, definition(k).unit_in(run.currency)) for k, v in rep.kpis.items()]
        yield {head: [row[n] for row in rows] for n, head in enumerate(KPI_COLUMNS[:3])}
    elif name == DECISIONS:
        yield {key: [_plain(to_builtins(getattr(d, key))) for d in rep.decisions] for key in Decision.__struct_fields__}


def _plain(value: Any) -> Any:
    """A value as one cell: what has parts is JSON."""
    return json.dumps(value) if isinstance(value, dict | list | tuple) else value


def export_network(network: LoadedNetwork, out: Path, kind: Kind) -> list[Path]:
    """A network's tables, those that have rows; with CSV also the files that its cells name, so that
    `plantsync import csv` makes the same network of the folder. Returns the files. Raises ExportError."""
    tables = {name: rows for name, rows in rows_of(network.root).items() if rows}
    beside = {name: raw for name, raw in network.files.items() if not name.endswith((".yaml", ".yml"))}
    if taken := sorted(set(beside) & {f"{name}.csv" for name in tables}):
        raise ExportError(
            f"the network names a file {taken[0]}, as one of its tables is called. rename that file first"
        )
    with _writer(out, kind, guard=False) as writer:
        for name, rows in tables.items():
            header = [column.name for column in columns(NAMED[name])]
            writer.begin(name, header)
            for cells in rows:
                writer.row([cells.get(column, "") for column in header])
        if isinstance(writer, CsvWriter):
            for name, raw in beside.items():
                writer.copy(name, raw)
    return writer.written


# --- where it goes ---------------------------------------------------------------------------------------------------
@contextmanager
def _writer(out: Path, kind: Kind, guard: bool = True) -> "Iterator[CsvWriter | XlsxWriter]":
    writer: CsvWriter | XlsxWriter = CsvWriter(out, guard) if kind == "csv" else XlsxWriter(out)
    try:
        yield writer
    except OSError as fault:
        raise ExportError(
            f"{fault.filename or out} cannot be written: {(fault.strerror or str(fault)).lower()}", 6
        ) from None
    finally:
        writer.close()


@dataclass
class CsvWriter:
    """A file for each table in a folder: UTF-8, commas, decimal points, a header, lines that end in a newline. guard:
    put an apostrophe before text that a spreadsheet would compute."""

    folder: Path
    guard: bool = True
    written: list[Path] = field(default_factory=list)
    _file: IO[str] | None = None
    _rows: Any = None

    def begin(self, table: str, header: Iterable[str]) -> None:
        self.close()
        self._file = self._new(f"{table}.csv").open("x", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(header)

    def row(self, cells: Iterable[Any]) -> None:
        self._rows.writerow([self._cell(value) for value in cells])

    def _cell(self, value: Any) -> Any:
        if isinstance(value, str) and self.guard and value.startswith(FORMULA):
            return f"'{value}"
        return "" if value is None else ("true" if value else "false") if isinstance(value, bool) else value

    def copy(self, name: str, raw: bytes) -> None:
        """A file as it is."""
        self._new(name).write_bytes(raw)

    def _new(self, name: str) -> Path:
        path = self.folder / name
        if path.exists():
            raise ExportError(f"{path} exists. remove it, or choose another -o")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.written.append(path)
        return path

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class XlsxWriter:
    """A sheet for each table in one workbook, written row by row; a table longer than a sheet goes on in the next."""

    def __init__(self, path: Path) -> None:
        try:
            import xlsxwriter
        except ImportError:
            raise ExportError("a workbook needs XlsxWriter: pip install XlsxWriter, or --to csv", 6) from None
        if path.exists():
            raise ExportError(f"{path} exists. remove it, or choose another -o")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.written = [path]
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
        self._book.set_properties({"created": STAMP})
        self._sheet: Any = None
        self._table, self._header, self._line, self._count = "", [""], 0, 0

    def begin(self, table: str, header: Iterable[str]) -> None:
        self._table, self._header, self._count = table, list(header), 0
        self._next_sheet()

    def _next_sheet(self) -> None:
        self._count += 1
        more = f" ({self._count})" if self._count > 1 else ""
        self._sheet = self._book.add_worksheet(f"{self._table[: 31 - len(more)]}{more}")
        self._sheet.freeze_panes(1, 0)
        self._line = 0
        self._put(self._header)

    def row(self, cells: Iterable[Any]) -> None:
        if self._line >= SHEET_ROWS:
            self._next_sheet()
        self._put(cells)

    def _put(self, cells: Iterable[Any]) -> None:
        for column, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, bool):
                self._sheet.write_boolean(self._line, column, value)
            elif isinstance(value, int | float) and abs(value) <= EXACT:
                self._sheet.write_number(self._line, column, value)
            else:
                text = str(value)
                cut = text if len(text) <= CELL_TEXT else f"{text[: CELL_TEXT - 3]}..."
                self._sheet.write_string(self._line, column, cut)
        self._line += 1

    def close(self) -> None:
        from xlsxwriter.exceptions import XlsxFileError

        try:
            self._book.close()
        except XlsxFileError as fault:
            raise ExportError(f"{self.written[0]} cannot be written: {fault}", 6) from None
