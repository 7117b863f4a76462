"""Values as YAML text that the loader reads back as the same values: numbers as they were written, text quoted where it
would be read as something else.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.files.nodes import Real, Whole, resolve

WIDTH = 118  # of a line that holds a whole element


def document(data: Mapping[str, Any]) -> str:
    """A file: one key after the other, each element of a list on a line of its own where it fits."""
    return "".join(f"{line}\n" for line in _mapping(data, 0))


def flow(data: Any) -> str:
    """A value on one line."""
    match data:
        case Whole() | Real():
            return data.text
        case bool():
            return "true" if data else "false"
        case Mapping():
            return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in data.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(flow(v) for v in data) + "]"
        case str():
            return data if _is_plain(data) else json.dumps(data, ensure_ascii=False)
    return str(data)


def _is_plain(text: str) -> bool:
    """Whether YAML reads the text as itself wherever it stands."""
    if not text or text != text.strip() or not text[0].isalnum():
        return False
    return all(c.isalnum() or c in "_-./>% " for c in text) and isinstance(resolve(text), str)


def _mapping(data: Mapping[str, Any], indent: int) -> Iterator[str]:
    margin = " " * indent
    for key, value in data.items():
        line = f"{margin}{flow(key)}: {flow(value)}"
        if not value or not isinstance(value, dict | list) or (_is_leaf(value) and len(line) <= WIDTH):
            yield line
            continue
        yield f"{margin}{flow(key)}:"
        yield from _mapping(value, indent + 2) if isinstance(value, dict) else _list(value, indent + 2)


def _list(data: list[Any], indent: int) -> Iterator[str]:
    margin = " " * indent
    for value in data:
        line = f"{margin}- {flow(value)}"
        if len(line) <= WIDTH or not value or not isinstance(value, dict):
            yield line
            continue
        first, *rest = _mapping(value, indent + 2)
        yield f"{margin}- {first.lstrip()}"
        yield from rest


def _is_leaf(value: Any) -> bool:
    """Whether a mapping or list has none but single values in it, so that one line shows it well."""
    inside = value.values() if isinstance(value, dict) else value
    return not any(isinstance(v, dict | list) for v in inside)
