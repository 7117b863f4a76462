"""A network from a folder of CSV tables, as `plantsync export` writes it or a spreadsheet does.

Every cell becomes the value that the YAML file would have at its place, so that the loader judges it and whatever is
wrong is named by file, line and column of the table.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scenarios.errors import Alike, Fault, InputError, clip, listed, nearest, show
from scenarios.files.loader import judge_network
from scenarios.files.nodes import BROKEN, Node, Tree, compose, decode, nfc, read_bytes, resolve
from scenarios.files.sheets import (
    QUOTED,
    SHEETS,
    Sheet,
    Steps,
    columns,
    identity,
    is_mapping,
    is_needed,
)
from scenarios.files.tables import CSV_CAP
from scenarios.files.tables import Sheet as Table
from scenarios.files.written import document
from scenarios.importers.registry import Options, importer, option

NETWORK, SCENARIO = "network.yaml", "scenario.yaml"


@dataclass(frozen=True)
class CsvOptions(Options):
    """What the tables do not say."""

    horizon_days: int = option(30, "Days that the scenario simulates.", least=1, most=36_500)
    seed: int = option(1, "Seed of the scenario.", least=0)


@importer("csv", CsvOptions, "folder of tables: items.csv, plants.csv, lanes.csv and so on")
def import_csv(src: Path, out: Path, options: CsvOptions = CsvOptions()) -> list[Path]:
    """A network from a folder of CSV tables: network.yaml and a scenario in which nothing is disrupted.

    The tables and their columns are described in docs/tables.md. The files written, in order. Raises InputError with
    every fault, each with the file, line and column of its cell.
    """
    read = _Reading(src)
    root = read.network()
    loaded = judge_network(Tree(str(src), b"", root, []), src / NETWORK, read.alike)
    used = {Path(name).as_posix() for name in loaded.files} - {NETWORK}
    read.refuse_strangers(used)
    name = loaded.network.id
    scenario = {"version": 1, "scenario": name, "network": NETWORK, "title": "Nothing is disrupted yet",
                "horizon": f"{options.horizon_days}d", "seed": options.seed, "ways": ["none"]}  # fmt: skip
    written = [out / NETWORK, out / SCENARIO]
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, data in zip(written, (root.data, scenario), strict=True):
            path.write_text(document(data), encoding="utf-8", newline="\n")
        for file in sorted(used):
            (out / file).parent.mkdir(parents=True, exist_ok=True)
            if (out / file).resolve() != (src / file).resolve():
                shutil.copyfile(src / file, out / file)
            written.append(out / file)
    except OSError as error:
        raise InputError([Fault(str(out), 1, 1, "", f"cannot be written: {error}")]) from error
    return written


@dataclass
class _Row:
    """A row of a table: where it stands, and per column the place and text of a filled cell."""

    file: str
    line: int
    cells: dict[str, tuple[int, str]]

    def fault(self, column: str, message: str) -> Fault:
        return Fault(self.file, self.line, self.cells.get(column, (1, ""))[0], column, message)


@dataclass
class _Reading:
    """The tables of a folder on their way to nodes. elements: place in the file -> names of what encloses it and its
    own -> node; texts: place of a cell -> its column and text."""

    src: Path
    faults: list[Fault] = field(default_factory=list)
    elements: dict[Steps, dict[tuple[str, ...], Node]] = field(default_factory=lambda: defaultdict(dict))
    texts: dict[tuple[str, int, int], tuple[str, str]] = field(default_factory=dict)
    root: Node = field(init=False)

    def network(self) -> Node:
        """The nodes of the network file that the tables stand for. Raises InputError when no table can be read."""
        self.root = _mapping(str(self.src / "network.csv"), 1)
        found = [sheet for sheet in SHEETS if (self.src / f"{sheet.name}.csv").is_file()]
        if not found:
            allowed = listed([f"{sheet.name}.csv" for sheet in SHEETS])
            raise InputError([Fault(str(self.src), 1, 1, "", f"no table is in this folder. allowed: {allowed}")])
        for sheet in found:
            for row in self._rows(sheet):
                self._put(sheet, row)
        for key, default in (("version", "1"), ("network", self.src.resolve().name)):
            if key not in self.root.data:
                self.root.put(key, _scalar(default, self.root.file, 1, 1))
        for place in {place for sheet in SHEETS for place in sheet.places if len(place) > 1 and is_needed(place)}:
            for node in self.elements[place[:-1]].values():
                if node.child(place[-1]) is None and is_mapping(place):
                    node.put(place[-1], _mapping(node.file, node.line))
        if self.faults:
            raise InputError(self.alike(self.faults))
        return self.root

    def alike(self, faults: list[Fault]) -> list[Fault]:
        """The faults, those of many cells that say the same counted."""
        found = Alike()
        for fault in faults:
            column, text = self.texts.get((fault.file, fault.line, fault.column), ("", ""))
            its = text and clip(text) in fault.message  # else what stands at the row's beginning is the row itself
            found.add(replace(fault, path=column) if its else fault, text if its else "")
        return found.told()

    def refuse_strangers(self, used: set[str]) -> None:
        """Raise InputError for a table that nothing reads: one misspelt would be missed in silence."""
        known = {f"{sheet.name}.csv" for sheet in SHEETS} | used
        strange = sorted(p.name for p in self.src.glob("*.csv") if p.name not in known)
        if strange:
            names = [f"{sheet.name}.csv" for sheet in SHEETS]
            raise InputError([
                Fault(str(self.src / name), 1, 1, "", f"no table is called so, and no cell names this file. allowed:"
                      f" {', '.join(names)}{nearest(name, names)}")
                for name in strange
            ])  # fmt: skip

    def _rows(self, sheet: Sheet) -> Iterator[_Row]:
        shown = str(self.src / f"{sheet.name}.csv")
        try:
            text = decode(read_bytes(self.src / f"{sheet.name}.csv", shown, CSV_CAP), shown)
            known = tuple(c.name for c in columns(sheet))
            table = Table(shown, text, tuple(c.name for c in columns(sheet) if c.needed), known)
            for line, fields in table.rows():
                cells = {
                    name: (column, text.strip())
                    for name, (column, text) in zip(table.header, fields, strict=True)
                    if text.strip()
                }
                self.texts |= {(shown, line, place): (name, text) for name, (place, text) in cells.items()}
                if cells:
                    yield _Row(shown, line, cells)
            table.close()
        except InputError as e:
            self.faults += e.faults

    def _put(self, sheet: Sheet, row: _Row) -> None:
        """A row at its place among the nodes."""
        if not sheet.places[0]:
            self._fill(self.root, sheet, row)
            return
        needed = [c.name for c in columns(sheet) if c.needed and not c.keys]
        if missing := [name for name in needed if name not in row.cells]:
            self.faults.append(row.fault(missing[0], f"the cell is empty. needed: {', '.join(needed)}"))
            return
        owner = self._owner(sheet, row)
        if owner is None:
            return
        place, parent, names = owner
        key = place[-1]
        if not is_mapping(place):
            node = _mapping(row.file, row.line)
            self._fill(node, sheet, row)
            _append(parent, key, node)
            own = tuple(row.cells.get(name, (0, ""))[1] for name in identity(key))
            self.elements[place].setdefault((*names, *own), node)
            return
        below = parent.child(key)
        if below is None:
            below = _mapping(row.file, row.line)
            parent.put(key, below)
        column, text = row.cells[sheet.key]
        name = _name(text)
        if name in below.data:
            first = below.keys[name][1]
            self.faults.append(row.fault(sheet.key, f"{show(name)} is given twice, first in line {first}"))
            return
        if sheet.value:
            value = self._cell(row, sheet.value)
        else:
            value = _mapping(row.file, row.line)
            self._fill(value, sheet, row)
        below.put(name, value)
        below.keys[name] = (row.file, row.line, column)

    def _owner(self, sheet: Sheet, row: _Row) -> tuple[Steps, Node, tuple[str, ...]] | None:
        """(place, node, names) of what the row belongs to; a fault where there is none."""
        names = tuple(_name(row.cells.get(name, (0, ""))[1]) for name in sheet.owners)
        for place in sheet.places:
            if len(place) == 1 and not any(names):
                return place, self.root, ()
            found = self.elements[place[:-1]].get(names) if len(place) > 1 else None
            if found is not None:
                return place, found, names
        if sheet.made:
            (place,) = sheet.places
            node = _mapping(row.file, row.line)
            for name in sheet.owners:
                if name in row.cells:
                    node.put(name, self._cell(row, name))
            _append(self.root, place[0], node)
            self.elements[place[:-1]][names] = node
            return place, node, names
        self.faults.append(self._ownerless(sheet, row, names))
        return None

    def _ownerless(self, sheet: Sheet, row: _Row, names: tuple[str, ...]) -> Fault:
        """The first of the row's owners that is in no table, with the names that are."""
        for n, name in enumerate(names, 1):
            known = {
                k[n - 1] for place in sheet.places for k in self.elements[place[:-1]] if k[: n - 1] == names[: n - 1]
            }
            if name not in known:
                what = sheet.owners[n - 1]
                where = f" of {names[n - 2]}" if n > 1 else ""
                allowed = f"allowed: {listed(sorted(filter(None, known)))}{nearest(name, known)}"
                return row.fault(what, f"there is no {what} {show(name)}{where}. {allowed}")
        return row.fault(sheet.owners[0], f"nothing is called {show('.'.join(names))}")

    def _fill(self, node: Node, sheet: Sheet, row: _Row) -> None:
        """The keys of a mapping from the cells of a row."""
        for column in columns(sheet):
            if not column.keys or column.name not in row.cells:
                continue
            here = node
            for key in column.keys[:-1]:
                if here.child(key) is None:
                    here.put(key, _mapping(row.file, row.line))
                here = here.child(key) or here
            here.put(column.keys[-1], self._cell(row, column.name))

    def _cell(self, row: _Row, name: str) -> Node:
        """A cell as the value that YAML would have there; BROKEN after a fault."""
        column, text = row.cells[name]
        try:
            if not text.startswith(QUOTED):
                return _scalar(text, row.file, row.line, column)
            tree = compose(" " * (column - 1) + text, row.file)
            faults = tree.faults
        except InputError as e:
            faults, tree = e.faults, None
        self.faults += [replace(f, line=row.line, path=name) for f in faults]
        if tree is None:
            return Node(row.file, row.line, column, BROKEN)
        _on_line(tree.root, row.line)
        return tree.root


def _mapping(file: str, line: int) -> Node:
    node = Node(file, line, 1, {})
    node.children = {}
    return node


def _append(parent: Node, key: str, node: Node) -> None:
    several = parent.child(key)
    if several is None:
        several = Node(node.file, node.line, 1, [])
        several.children = []
        parent.put(key, several)
    assert isinstance(several.children, list)
    several.children.append(node)
    several.data.append(node.data)


def _scalar(text: str, file: str, line: int, column: int) -> Node:
    return Node(file, line, column, resolve(nfc(text)))


def _name(text: str) -> str:
    """The text of a cell that names something, without YAML's quotes."""
    if text.startswith(('"', "'")):
        try:
            return str(compose(text, "").root.data)
        except InputError:
            return text
    return nfc(text)


def _on_line(node: Node, line: int) -> None:
    """Put nodes that were composed from one cell where the cell stands."""
    node.line = line
    node.keys = {key: (file, line, column) for key, (file, _, column) in node.keys.items()}
    for child in (node.children.values() if isinstance(node.children, dict) else node.children) or ():
        _on_line(child, line)
