"""Strict CSV: rates, orders and empirical values. UTF-8, one header, separated by commas, semicolons or tabs.

Every fault names file, line and column. A gzip file (`.gz`) is unpacked up to a cap. Knows nothing of YAML.
"""

import gzip
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from plants.definition import FileOrderSpec
from scenarios.errors import Alike, Fault, InputError, clip, listed, nearest, show
from scenarios.files.clock import DEFAULT, Clock, moment
from scenarios.files.nodes import decode, read_bytes
from scenarios.files.numerals import days_ms, grams, micro, pieces
from scenarios.files.units import Unit, penalty, seconds
from sync.vocabulary.errors import Refused
from sync.vocabulary.quantities import ceil_ms
from sync.vocabulary.tariff import Band

CSV_CAP = 64 * 1024 * 1024
ROW_CAP = 1_000_000
LINE_CAP = 10_000
FAULT_CAP = 50

SIGNS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}  # what may separate the columns of a file

T = TypeVar("T")
Read = Callable[[str], T]


@dataclass
class Folder:
    """The folder a file may name other files in. `files`: what was read so far, relative name -> bytes."""

    path: Path
    shown: str
    files: dict[str, bytes] = field(default_factory=dict)

    def shown_name(self, name: str) -> str:
        """The name of a file as messages write it."""
        return f"{self.shown}/{name}" if self.shown else name

    def text(self, name: str) -> str:
        """The text of a file inside the folder. Refused when the name leads elsewhere, InputError when unreadable."""
        root = self.path.resolve()
        try:
            path = (root / name).resolve()
        except (ValueError, OSError):
            raise Refused(f"{show(name)} is not a usable path") from None
        if not path.is_relative_to(root):
            raise Refused(f"{show(name)} is outside the folder of this file. allowed: a file below it")
        if not path.exists():
            near = nearest(name, (p.name for p in root.iterdir() if p.is_file()))
            raise Refused(f"file {show(name)} does not exist. allowed: a file below the folder of this one{near}")
        shown = self.shown_name(name)
        raw = read_bytes(path, shown, CSV_CAP)
        self.files[Path(name).as_posix()] = raw
        return decode(unpack(raw, shown) if name.endswith(".gz") else raw, shown)


def unpack(raw: bytes, shown: str) -> bytes:
    """gzip content up to the cap. Raises InputError for a bomb or a damaged file."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        content = unpacker.decompress(raw, CSV_CAP + 1)
    except zlib.error as e:
        raise InputError([Fault(shown, 1, 1, "", f"this is not a sound gzip file: {e}")]) from None
    if len(content) > CSV_CAP:
        raise InputError([Fault(shown, 1, 1, "", f"the file unpacks to more than {CSV_CAP} bytes. allowed: less")])
    if not unpacker.eof:
        raise InputError([Fault(shown, 1, 1, "", "the gzip file is cut short")])
    if unpacker.unused_data:  # several members: the rare case pays for a second pass
        try:
            content = gzip.decompress(raw) if len(raw) * 1030 <= CSV_CAP else content
        except (OSError, EOFError, zlib.error) as e:
            raise InputError([Fault(shown, 1, 1, "", f"this is not a sound gzip file: {e}")]) from None
    return content


def split(line: str, sign: str = ",") -> list[tuple[int, str]]:
    """Fields of one line, separated by `sign`, with the column each begins at. Refused for a quote that does not
    close."""
    fields = []
    if '"' not in line:
        column = 1
        for text in line.split(sign):
            fields.append((column, text))
            column += len(text) + 1
        return fields
    i = 0
    while True:
        start = i
        if line[i : i + 1] == '"':
            parts = []
            while True:
                end = line.find('"', i + 1)
                if end < 0:
                    raise Refused("a quote is not closed in its line", (start + 1,))
                parts.append(line[i + 1 : end])
                i = end + 1
                if line[i : i + 1] != '"':
                    break
                parts.append('"')
            text = "".join(parts)
            if i < len(line) and line[i] != sign:
                raise Refused(f"text after a closing quote. allowed: {SIGNS[sign]}", (i + 1,))
        else:
            end = line.find(sign, i)
            i = len(line) if end < 0 else end
            text = line[start:i]
        fields.append((start + 1, text))
        if i >= len(line):
            return fields
        i += 1


class Sheet:
    """The rows of one CSV file under its header. Collects faults; `close` raises them."""

    def __init__(self, shown: str, text: str, needed: tuple[str, ...], known: tuple[str, ...]) -> None:
        self.shown = shown
        self.alike = Alike()
        self.faults: list[Fault] = []
        if text.count("\n") + text.count("\r") > 2 * ROW_CAP:
            raise InputError(
                [Fault(shown, 1, 1, "", f"the file has more than {ROW_CAP} rows. allowed: at most that many")]
            )
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.header: list[str] = []
        counts = {sign: self.lines[0].count(sign) for sign in SIGNS}
        self.sign = max(SIGNS, key=lambda sign: counts[sign])  # a comma where there is none
        self._read_header(needed, known)

    def _read_header(self, needed: tuple[str, ...], known: tuple[str, ...]) -> None:
        try:
            fields = self._split(self.lines[0])
        except Refused as r:
            self.fault(1, int(r.sub[0]), "", r.message)
            return self.close()
        if len(fields) == 1 and len(needed) > 1:
            found = f"the header is the one column {show(fields[0][1])}"
            self.fault(1, 1, "", f"{found}. allowed: {listed(needed)}, separated by {listed(list(SIGNS.values()))}")
            return self.close()
        for column, raw in fields:
            name = raw.strip()
            if name in self.header:
                self.fault(1, column, "", f"column {show(name)} is given twice. allowed: each column once")
            elif name not in known:
                allowed = f"allowed: {', '.join(known)}{nearest(name, known)}"
                self.fault(1, column, "", f"unknown column {show(name)}. {allowed}")
            self.header.append(name)
        missing = [n for n in needed if n not in self.header]
        if missing:
            self.fault(1, 1, "", f"column {show(missing[0])} is missing. needed: {', '.join(needed)}")
        if self.faults:
            self.close()

    def _split(self, line: str) -> list[tuple[int, str]]:
        if len(line) > LINE_CAP:
            raise Refused(f"the line has {len(line)} characters. allowed: at most {LINE_CAP}", (1,))
        return split(line, self.sign)

    def rows(self) -> Iterator[tuple[int, list[tuple[int, str]]]]:
        """(line number, fields) of every row with as many fields as the header; others are faults."""
        width = len(self.header)
        for number, line in enumerate(self.lines[1:], 2):
            if not line.strip():
                continue
            try:
                fields = self._split(line)
            except Refused as r:
                self.fault(number, int(r.sub[0]), "", r.message)
                continue
            if len(fields) != width:
                other = next((sign for sign in SIGNS if line.count(sign) == width - 1 > line.count(self.sign)), "")
                why = f", separated by {SIGNS[self.sign]} and not by {SIGNS[other]}" if other else ""
                self.fault(number, 1, "", f"the row has {len(fields)} columns. allowed: {width}, as in the header{why}")
                continue
            if not any(text.strip() for _, text in fields):
                continue  # what spreadsheets leave behind below the last row
            yield number, fields

    def fault(self, line: int, column: int, path: str, message: str, found: str = "") -> None:
        """Record a fault; those that differ in `found` alone are one kind. Past a cap of kinds, stop reading."""
        self.alike.add(Fault(self.shown, line, column, path, message), found)
        self.faults = self.alike.faults
        if len(self.alike.kinds) >= FAULT_CAP:
            self.close()

    def close(self) -> None:
        """Raise InputError when there was any fault."""
        if self.faults:
            raise InputError(self.alike.told())

    def records(self, readers: dict[str, Read[object]]) -> Iterator[tuple[int, dict[str, object]]]:
        """(line number, column -> value) of every sound row; an empty field is left out."""
        plan = [(i, name, readers[name]) for i, name in enumerate(self.header)]
        for number, fields in self.rows():
            record: dict[str, object] = {}
            sound = True
            for i, name, read in plan:
                text = fields[i][1].strip()
                if not text:
                    continue
                try:
                    record[name] = read(text)
                except Refused as r:
                    self.fault(number, fields[i][0], name, r.message, text)
                    sound = False
            if sound:
                yield number, record

    def need(self, number: int, record: dict[str, object], names: tuple[str, ...]) -> bool:
        """Whether the row gives all `names`; a fault when not."""
        missing = [n for n in names if n not in record]
        if missing:
            self.fault(number, 1, missing[0], f"the field is empty. needed: {', '.join(names)}")
        return not missing


def _due(text: str, known: "Known") -> tuple[str, int]:
    """What a due date counts from (`order` or `start`), and its ms from there."""
    dated = "-" in text[1:] and text[:1].isdigit()
    if known.due_from == "start" or (dated and not known.due_from):
        return "start", ceil_ms(moment(text, known.clock))
    if dated:
        raise Refused(f"{show(text)} is a date. allowed with due_from: order: a duration such as 2d")
    return "order", ceil_ms(seconds(text))


def _name(text: str) -> str:
    if len(text) > 64 or not text.isprintable():
        raise Refused(f"{show(text)} is not a usable name. allowed: at most 64 printable characters")
    return text


@dataclass(frozen=True)
class Known:
    """What a field may name, and how its value is read where the key decides that. items: id -> weight in grams; sites:
    what a port may be; makers: plants; value: reads a value of an empirical distribution; clock: of the run; due_from:
    what a due date counts from, `order` or `start` ("": a duration from the order, a date is a date); point: see
    `numbers`."""

    currency: str = "EUR"
    items: dict[str, int] = field(default_factory=dict)
    sites: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    value: Callable[[str], object] = str
    clock: Clock = DEFAULT
    due_from: str = ""
    point: bool = True


@dataclass(frozen=True)
class Column:
    """A column of a CSV: what it means, an example, and how a field of it is read (it may be refused). optional: the
    column may be missing; blank: a field of it may be empty."""

    name: str
    text: str
    example: str
    read: Callable[[str, Known], object]
    optional: bool = False
    blank: bool = False


@dataclass(frozen=True)
class Table:
    """A kind of CSV: its columns, which may stand in any order."""

    text: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every column."""
        return tuple(c.name for c in self.columns)

    @property
    def filled(self) -> tuple[str, ...]:
        """The columns whose fields may not be empty."""
        return tuple(c.name for c in self.columns if not c.blank)

    def open(self, folder: Folder, name: str) -> Sheet:
        """The sheet of a file. Raises Refused or InputError."""
        needed = tuple(c.name for c in self.columns if not c.optional)
        return Sheet(folder.shown_name(name), folder.text(name), needed, self.names)

    def records(self, sheet: Sheet, known: Known) -> Iterator[tuple[int, dict[str, object]]]:
        """(line number, column -> value) of every sound row that gives what may not be empty."""
        known = replace(known, point=sheet.sign == ",")
        readers: dict[str, Read[object]] = {c.name: _reader(c, known) for c in self.columns}
        for number, record in sheet.records(readers):
            if sheet.need(number, record, self.filled):
                yield number, record


def _reader(column: Column, known: Known) -> Read[object]:
    return lru_cache(maxsize=4096)(lambda text: column.read(text, known))


def _one_of(what: str, known: Collection[str], text: str) -> str:
    if text not in known:
        raise Refused(f"unknown {what} {show(text)}. allowed: {listed(sorted(known), 8)}{nearest(text, known)}")
    return text


RATES = Table(
    "A carriers' table. The cost of a shipment is max(minimum, per_kg x weight) of the cheapest matching row.",
    (
        Column("carrier", "Who carries.", "V444_0", lambda t, _: _name(t)),
        Column("service", "Service level, as orders name it.", "DTD", lambda t, _: _name(t), blank=True),
        Column("min_kg", "The weight band begins here, inclusive.", "0", lambda t, k: grams(t, k.point)),
        Column("max_kg", "The weight band ends here, inclusive.", "499.99", lambda t, k: grams(t, k.point)),
        Column(
            "minimum", "Least charge of a shipment, in the network's currency.", "5.1", lambda t, k: micro(t, k.point)
        ),
        Column("per_kg", "Charge per kg, in the network's currency.", "0.0484", lambda t, k: micro(t, k.point)),
        Column("days", "Transit: days, or a duration.", "2", lambda t, k: days_ms(t, k.point)),
    ),
)


def bands(folder: Folder, name: str) -> tuple[Band, ...]:
    """The rows of a rates file. Weights grams, money micro units, transit ms. Raises Refused or InputError."""
    sheet = RATES.open(folder, name)
    result = []
    for number, record in RATES.records(sheet, Known()):
        values = tuple(record.get(n, "") for n in RATES.names)
        band = Band(*values)  # type: ignore[arg-type]
        if band.min_g > band.max_g:
            found = f"min_kg {band.min_g / 1000:g} is above max_kg {band.max_g / 1000:g}"
            sheet.fault(number, 1, "", f"{found}. allowed: min_kg at most max_kg")
        result.append(band)
    sheet.close()
    return tuple(result)


def _may(name: str, text: str, example: str, read: Callable[[str, Known], object]) -> Column:
    """A column that may be missing, and empty."""
    return Column(name, text, example, read, optional=True, blank=True)


ORDERS = Table(
    "Customer orders, one a row.",
    (
        Column("id", "Name of the order, unique; not TO-, PO- or PU-, which are ERP's own.", "CO-71",
               lambda t, _: _name(t)),
        Column("at", "When it is placed: a duration since the start, or an ISO date or date-time.", "1d 08:00",
               lambda t, k: ceil_ms(moment(t, k.clock))),
        Column("item", "The item that is ordered.", "GEARBOX-A", lambda t, k: _one_of("item", k.items, t)),
        Column("quantity", "Whole pieces.", "20", lambda t, k: pieces(t, k.point)),
        _may("weight_kg", "Weight of the whole order in kg; by the item's weight when left out.", "12.345",
             lambda t, k: grams(t, k.point)),
        _may("service", "Service level the carrier's rates are looked up with; any when left out.", "DTD",
             lambda t, _: _name(t)),
        _may("carrier", "The carrier that takes it while the plan is in force.", "V444_0", lambda t, _: _name(t)),
        _may("plant", "The plant that makes it; by served_by when left out.", "lyon",
             lambda t, k: _one_of("plant", k.makers, t)),
        _may("port", "The site it passes through.", "dc-west", lambda t, k: _one_of("site", k.sites, t)),
        _may("due", "Due: a duration from `at` (see due_from), or an ISO date or date-time; none when left out.", "2d",
             _due),
        _may("late_penalty", "Money per day late, per pcs or per order.", "1000/order/d",
             lambda t, k: penalty(t, k.currency)),
        _may("transit", "Its own time on the lane; the lane's when left out.", "3d", lambda t, _: ceil_ms(seconds(t))),
    ),
)  # fmt: skip


def file_orders(folder: Folder, name: str, known: Known) -> tuple[FileOrderSpec, ...]:
    """The rows of an orders file. Raises Refused or InputError."""
    sheet = ORDERS.open(folder, name)
    seen: dict[str, int] = {}
    result = []
    for number, record in ORDERS.records(sheet, known):
        order = _file_order(record, known.items)
        if order.id in seen:
            first = seen[order.id]
            twice = f"{show(order.id)} is given twice, first in line {first}"
            sheet.fault(number, 1, "id", f"order {twice}. allowed: each once", twice)
        seen.setdefault(order.id, number)
        result.append(order)
    sheet.close()
    return tuple(result)


def _file_order(record: dict[str, object], items: dict[str, int]) -> FileOrderSpec:
    fine = record.pop("late_penalty", None)
    at_ms = record.pop("at")
    due = record.pop("due", None)
    assert isinstance(at_ms, int)
    values: dict[str, object] = dict(record)
    if "weight_kg" in values:
        values["weight_g"] = values.pop("weight_kg")
    else:
        values["weight_g"] = items[str(values["item"])] * int(str(values["quantity"]))
    if "transit" in values:
        values["transit_ms"] = values.pop("transit")
    if isinstance(fine, tuple):
        values["penalty_minor"], values["penalty_per"] = fine
    since, due_ms = due if isinstance(due, tuple) else ("start", -1)
    values["due_ms"] = at_ms + due_ms if since == "order" else due_ms
    return FileOrderSpec(at_ms=at_ms, **values)  # type: ignore[arg-type]


VALUES = Table(
    "Values of an empirical distribution, one a row, each as likely as the next.",
    (Column("value", "In the unit of the key: a duration, or a number of pieces.", "12min", lambda t, k: k.value(t),
            blank=True),),
)  # fmt: skip


def values(folder: Folder, name: str, unit: Unit, number_of: Callable[[str], object]) -> tuple[float, ...]:
    """The values of an empirical distribution's file. Raises Refused or InputError."""
    sheet = VALUES.open(folder, name)
    rows = VALUES.records(sheet, Known(value=lambda text: unit(number_of(text))))
    result = [record["value"] for _, record in rows if "value" in record]
    if not result and not sheet.faults:
        sheet.fault(1, 1, "", f"{clip(name)} has no values. needed: at least one row")
    sheet.close()
    return tuple(float(str(v)) for v in result)
