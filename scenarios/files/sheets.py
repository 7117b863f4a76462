"""A network as a folder of tables: which tables there are, their columns, and the way there and back, value by value.

Tables and columns are made of the models that the loader reads with: a mapping of the file is a row, a list or mapping
of mappings a table of its own, keyed by the names of what it belongs to. A cell is written as in the YAML file:
`2d`, `1.9/pcs`, `[48.1, 11.6]`, `{lognormal: {mean: 30s, cv: 0.2}}`; an empty one leaves the key out.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from scenarios.files.networkfile import NetworkFile
from scenarios.files.nodes import Node, resolve
from scenarios.files.schema import example_of, plain
from scenarios.files.written import flow

Cells = dict[str, str]
Steps = tuple[str, ...]
QUOTED = ("[", "{", '"', "'")  # how a cell begins that is more than one plain word
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


@dataclass(frozen=True)
class Column:
    """A column: its name, the key path below the row's mapping (empty: a name of what the row belongs to), what it
    means, an example as a cell has it, and whether a cell of it must be filled."""

    name: str
    keys: Steps
    text: str
    example: str
    needed: bool


@dataclass(frozen=True)
class Sheet:
    """A table. places: the key paths in the file where its rows stand, several where one table serves several kinds;
    owners: a column for each mapping above the row; key: the column of the mapping's key, "" for a list; made: what is
    above the row has no table of its own, and is made by its first row."""

    name: str
    places: tuple[Steps, ...]
    owners: tuple[str, ...] = ()
    key: str = ""
    value: str = ""
    made: bool = False


SHEETS: tuple[Sheet, ...] = (
    Sheet("network", ((),)),
    Sheet("calendars", (("calendars",),)),
    Sheet("items", (("items",),)),
    Sheet("boms", (("boms", "needs"),), ("item", "plant"), "component", "pieces", made=True),
    Sheet("alternates", (("boms", "alternates"),), ("item", "plant")),
    Sheet("plants", (("plants",),)),
    Sheet("crews", (("plants", "crews"),), ("plant",)),
    Sheet("lines", (("plants", "lines"),), ("plant",)),
    Sheet("makes", (("plants", "lines", "makes"),), ("plant", "line")),
    Sheet("machines", (("plants", "lines", "machines"),), ("plant", "line")),
    Sheet("suppliers", (("suppliers",),)),
    Sheet("offers", (("suppliers", "items"),), ("supplier",), "item"),
    Sheet("warehouses", (("warehouses",),)),
    Sheet("stock", (("plants", "stock"), ("warehouses", "stock")), ("site",), "item", "pieces"),
    Sheet("replenish", (("plants", "replenish"), ("warehouses", "replenish")), ("site",), "item"),
    Sheet("lanes", (("lanes",),)),
    Sheet("customers", (("customers",),)),
    Sheet("systems", (("systems",), ("plants", "systems"), ("suppliers", "systems"), ("warehouses", "systems")),
          ("site",), "system"),
    Sheet("people", (("people",),)),
)  # fmt: skip
NAMED: dict[str, Sheet] = {sheet.name: sheet for sheet in SHEETS}
IDENTITY = {"boms": ("item", "plant")}  # what tells the elements of a list apart; elsewhere their id


def identity(list_key: str) -> tuple[str, ...]:
    """The keys that tell the elements of a list apart."""
    return IDENTITY.get(list_key, ("id",))


# --- columns ---------------------------------------------------------------------------------------------------------
def _below(annotation: Any, step: str) -> Any:
    """The annotation of a key of a Part; of what is in the list or mapping there."""
    field = next(f for name, f in annotation.model_fields.items() if (f.alias or name) == step)
    inside = plain(field.annotation, field.metadata)[0]
    return get_args(inside)[-1] if get_origin(inside) in (list, dict) else inside


def part_of(place: Steps) -> Any:
    """What a row at a place is: a Part, or the annotation of a single value."""
    here: Any = NetworkFile
    for step in place:
        here = plain(_below(here, step), ())[0]
    return here


def is_mapping(place: Steps) -> bool:
    """Whether the file has a mapping at a place, not a list."""
    field = _field(part_of(place[:-1]), place[-1])
    return get_origin(plain(field.annotation, field.metadata)[0]) is dict


def is_needed(place: Steps) -> bool:
    """Whether the file must have something at a place."""
    return bool(_field(part_of(place[:-1]), place[-1]).is_required())


@cache
def _own_tables() -> frozenset[Steps]:
    return frozenset(place for sheet in SHEETS for place in sheet.places if place)


@cache
def columns(sheet: Sheet) -> tuple[Column, ...]:
    """The columns of a table, those of its owners first."""
    found = [Column(name, (), _owner_text(sheet, name), "", name not in ("plant", "site")) for name in sheet.owners]
    if sheet.name not in ("boms", "alternates", "systems"):
        found = [Column(c.name, (), c.text, "", True) for c in found]
    place = sheet.places[0]
    if sheet.key:
        found.append(Column(sheet.key, (), f"The {sheet.key} that the row is about.", "", True))
    if sheet.value:
        field = _field(part_of(place[:-1]), place[-1])
        return (*found, Column(sheet.value, (), str(field.description), "100", True))
    rest = _columns_of(part_of(place), place, ())
    if not place:  # version 1, and the folder's name
        rest = (replace(c, needed=False) for c in rest)
    return (*found, *rest)


def _owner_text(sheet: Sheet, name: str) -> str:
    if sheet.name in ("boms", "alternates"):
        return "The item that is made." if name == "item" else "The plant this holds for; all when left empty."
    if sheet.name == "systems":
        return "The plant, supplier or warehouse whose system it is; network-wide when left empty."
    return f"The {name} that the row belongs to."


def _field(part: Any, key: str) -> Any:
    return next(f for name, f in part.model_fields.items() if (f.alias or name) == key)


def _columns_of(part: Any, place: Steps, keys: Steps) -> Iterator[Column]:
    """A column for each key; a single mapping below gives one for each of its own: `fails.after`."""
    for name, field in part.model_fields.items():
        key = field.alias or name
        here = (*keys, key)
        if any(own[: len(place) + len(here)] == (*place, *here) for own in _own_tables()):
            continue
        inside, kind = plain(field.annotation, field.metadata)
        if kind is None and isinstance(inside, type) and issubclass(inside, BaseModel):
            yield from _columns_of(inside, place, here)
            continue
        example = (field.examples or [example_of(field.annotation, field.metadata)])[0]
        yield Column(".".join(here), here, str(field.description), cell(example), field.is_required() and not keys)


# --- cells -----------------------------------------------------------------------------------------------------------
def cell(data: Any) -> str:
    """A value as a cell has it. What a spreadsheet would compute is quoted, as text that YAML reads back."""
    if isinstance(data, str):
        usual = data and data == data.strip() and data.isprintable() and isinstance(resolve(data), str)
        return data if usual and not data.startswith((*QUOTED, *FORMULA)) else json.dumps(data, ensure_ascii=False)
    return flow(data)


# --- from nodes to rows ----------------------------------------------------------------------------------------------
def rows_of(root: Node) -> dict[str, list[Cells]]:
    """Every table of a network file, in the order of the file; a row has the cells that are filled."""
    return {
        sheet.name: [row for place in sheet.places for row in _rows(sheet, root.data, place, ())] for sheet in SHEETS
    }


def _rows(sheet: Sheet, here: Any, place: Steps, owners: tuple[str, ...]) -> Iterator[Cells]:
    if not place:
        yield {**_owned(sheet, owners), **_cells(sheet, here)}
        return
    step, rest = place[0], place[1:]
    below = here.get(step)
    if isinstance(below, dict):
        for key, value in below.items():
            yield {**_owned(sheet, owners), sheet.key: cell(key), **_value(sheet, value)}
    for element in below if isinstance(below, list) else ():
        named = tuple(cell(element[key]) if key in element else "" for key in identity(step))
        yield from _rows(sheet, element, rest, (*owners, *named) if rest else owners)


def _owned(sheet: Sheet, owners: tuple[str, ...]) -> Cells:
    return {name: text for name, text in zip(sheet.owners, owners, strict=False) if text}


def _value(sheet: Sheet, value: Any) -> Cells:
    return {sheet.value: cell(value)} if sheet.value else _cells(sheet, value)


def _cells(sheet: Sheet, data: dict[str, Any]) -> Cells:
    found = {}
    for column in columns(sheet):
        here: Any = data if column.keys else None
        for key in column.keys:
            here = here.get(key) if isinstance(here, dict) else None
        if here is not None:
            found[column.name] = cell(here)
    return found
