"""Strict CSV: rates, orders and empirical values. UTF-8, commas, decimal points, one header, no surprises.

Every fault names file, line and column. A gzip file (`.gz`) is unpacked up to a cap. Knows nothing of YAML.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from plants.definition import FileOrderSpec
from scenarios.errors import Fault, InputError, Refused, clip, listed, nearest, show
from scenarios.files.nodes import decode, read_bytes
from scenarios.files.units import LARGEST, Unit, instant, penalty, seconds
from sync.vocabulary.quantities import MICRO_PER_MINOR, ceil_ms
from sync.vocabulary.tariff import Band

CSV_CAP = 64 * 1024 * 1024
ROW_CAP = 1_000_000
LINE_CAP = 10_000
FAULT_CAP = 50

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


def split(line: str) -> list[tuple[int, str]]:
    """Fields of one CSV line with the column each begins at. Refused for a quote that does not close."""
    fields = []
    if '"' not in line:
        column = 1
        for text in line.split(","):
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
            if i < len(line) and line[i] != ",":
                raise Refused("text after a closing quote. allowed: a comma", (i + 1,))
        else:
            end = line.find(",", i)
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
        self.faults: list[Fault] = []
        if text.count("\n") + text.count("\r") > 2 * ROW_CAP:
            raise InputError(
                [Fault(shown, 1, 1, "", f"the file has more than {ROW_CAP} rows. allowed: at most that many")]
            )
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.header: list[str] = []
        self._read_header(needed, known)

    def _read_header(self, needed: tuple[str, ...], known: tuple[str, ...]) -> None:
        try:
            fields = self._split(self.lines[0])
        except Refused as r:
            self.fault(1, int(r.sub[0]), "", r.message)
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

    @staticmethod
    def _split(line: str) -> list[tuple[int, str]]:
        if len(line) > LINE_CAP:
            raise Refused(f"the line has {len(line)} characters. allowed: at most {LINE_CAP}", (1,))
        return split(line)

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
                self.fault(number, 1, "", f"the row has {len(fields)} columns. allowed: {width}, as in the header")
                continue
            yield number, fields

    def fault(self, line: int, column: int, path: str, message: str) -> None:
        """Record a fault; past a cap, stop reading."""
        self.faults.append(Fault(self.shown, line, column, path, message))
        if len(self.faults) >= FAULT_CAP:
            self.close()

    def close(self) -> None:
        """Raise InputError when there was any fault."""
        if self.faults:
            raise InputError(self.faults)

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
                    self.fault(number, fields[i][0], name, r.message)
                    sound = False
            if sound:
                yield number, record

    def need(self, number: int, record: dict[str, object], names: tuple[str, ...]) -> bool:
        """Whether the row gives all `names`; a fault when not."""
        missing = [n for n in names if n not in record]
        if missing:
            self.fault(number, 1, missing[0], f"the field is empty. needed: {', '.join(names)}")
        return not missing


@lru_cache(maxsize=8192)
def decimal(text: str) -> Decimal:
    """A decimal number of at least 0, with a point. Refused for a decimal comma, text, nan and inf."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        hint = "a decimal comma is used in" if "," in text else "not a number:"
        raise Refused(f"{hint} {show(text)}. allowed: a number with a decimal point") from None
    if "_" in text or not number.is_finite():
        raise Refused(f"{show(text)} is not a finite number. allowed: a number with a decimal point")
    if number < 0:
        raise Refused(f"{show(text)} is negative. allowed: at least 0")
    if number > LARGEST:
        raise Refused(f"{show(text)} is too large. allowed: at most {LARGEST}")
    return number


@lru_cache(maxsize=8192)
def _grams(text: str) -> int:
    return round(decimal(text) * 1000)


@lru_cache(maxsize=8192)
def _micro(text: str) -> int:
    return round(decimal(text) * 100 * MICRO_PER_MINOR)


@lru_cache(maxsize=8192)
def _days_ms(text: str) -> int:
    try:
        return round(decimal(text) * 86_400_000)
    except Refused:
        return ceil_ms(seconds(text))


@lru_cache(maxsize=8192)
def _pieces(text: str) -> int:
    number = decimal(text)
    if number != int(number):
        raise Refused(f"{show(text)} is not whole. allowed: whole pieces, at least 1")
    if number < 1:
        raise Refused(f"{show(text)} is zero. allowed: whole pieces, at least 1")
    return int(number)


def _name(text: str) -> str:
    if len(text) > 64 or not text.isprintable():
        raise Refused(f"{show(text)} is not a usable name. allowed: at most 64 printable characters")
    return text


RATE_COLUMNS = ("carrier", "service", "min_kg", "max_kg", "minimum", "per_kg", "days")


def bands(folder: Folder, name: str) -> tuple[Band, ...]:
    """The rows of a rates file. Weights grams, money micro units, transit ms. Raises Refused or InputError."""
    sheet = Sheet(folder.shown_name(name), folder.text(name), RATE_COLUMNS, RATE_COLUMNS)
    readers: dict[str, Read[object]] = {
        "carrier": _name,
        "service": _name,
        "min_kg": _grams,
        "max_kg": _grams,
        "minimum": _micro,
        "per_kg": _micro,
        "days": _days_ms,
    }
    needed = tuple(n for n in RATE_COLUMNS if n != "service")
    result = []
    for number, record in sheet.records(readers):
        if not sheet.need(number, record, needed):
            continue
        values = tuple(record.get(n, "") for n in RATE_COLUMNS)
        band = Band(*values)  # type: ignore[arg-type]
        if band.min_g > band.max_g:
            found = f"min_kg {band.min_g / 1000:g} is above max_kg {band.max_g / 1000:g}"
            sheet.fault(number, 1, "", f"{found}. allowed: min_kg at most max_kg")
        result.append(band)
    sheet.close()
    return tuple(result)


ORDER_COLUMNS = (
    "id", "at", "item", "quantity", "weight_kg", "service", "carrier", "plant", "port", "due",
    "late_penalty", "transit",
)  # fmt: skip
ORDER_NEEDED = ORDER_COLUMNS[:4]


def file_orders(
    folder: Folder, name: str, currency: str, *, items: dict[str, int], sites: set[str], makers: set[str]
) -> tuple[FileOrderSpec, ...]:
    """The rows of an orders file. `items`: id -> weight in grams; `sites`: what a port may be; `makers`: plants.

    Raises Refused or InputError.
    """
    sheet = Sheet(folder.shown_name(name), folder.text(name), ORDER_NEEDED, ORDER_COLUMNS)

    def one_of(what: str, known: dict[str, int] | set[str]) -> Read[object]:
        def read(text: str) -> str:
            if text not in known:
                raise Refused(f"unknown {what} {show(text)}. allowed: {listed(sorted(known), 8)}{nearest(text, known)}")
            return text

        return read

    @lru_cache(maxsize=4096)
    def fine(text: str) -> tuple[int, str]:
        return penalty(text, currency)

    readers: dict[str, Read[object]] = {
        "id": _name,
        "at": lambda t: ceil_ms(instant(t)),
        "item": one_of("item", items),
        "quantity": _pieces,
        "weight_kg": _grams,
        "service": _name,
        "carrier": _name,
        "plant": one_of("plant", makers),
        "port": one_of("site", sites),
        "due": lambda t: ceil_ms(seconds(t)),
        "late_penalty": fine,
        "transit": lambda t: ceil_ms(seconds(t)),
    }
    seen: dict[str, int] = {}
    result = []
    for number, record in sheet.records(readers):
        if not sheet.need(number, record, ORDER_NEEDED):
            continue
        order = _file_order(record, items)
        if order.id in seen:
            first = seen[order.id]
            sheet.fault(
                number, 1, "id", f"order {show(order.id)} is given twice, first in line {first}. allowed: each once"
            )
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
    values["due_ms"] = at_ms + due if isinstance(due, int) else -1
    return FileOrderSpec(at_ms=at_ms, **values)  # type: ignore[arg-type]


def values(folder: Folder, name: str, unit: Unit, number_of: Callable[[str], object]) -> tuple[float, ...]:
    """The column `value` of an empirical distribution's file. Raises Refused or InputError."""
    sheet = Sheet(folder.shown_name(name), folder.text(name), ("value",), ("value",))
    result = [r["value"] for _, r in sheet.records({"value": lambda t: unit(number_of(t))}) if "value" in r]
    if not result and not sheet.faults:
        sheet.fault(1, 1, "", f"{clip(name)} has no values. needed: at least one row")
    sheet.close()
    return tuple(float(str(v)) for v in result)
