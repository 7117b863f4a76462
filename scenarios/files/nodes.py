"""YAML read as nodes, so that every value keeps its place, and scalars resolved by the YAML 1.2 core schema.

PyYAML's own loaders follow YAML 1.1 (`12:30` is 750, `no` is False, `010` is 8) and forget where a value stood. Here
the parser's events are turned into `Node`s. Size and depth are limited before anything is built; anchors, aliases,
tags, several documents and duplicate keys are faults. Knows nothing of networks or scenarios.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scenarios.errors import FAULT_CAP, Fault, InputError, clip, show

SIZE_CAP = 16 * 1024 * 1024
DEPTH_CAP = 64
NODE_CAP = 200_000

Loc = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Whole(int):
    """An integer that remembers how it was written (`text`)."""

    text: str

    def __new__(cls, value: int, text: str) -> "Whole":
        self = super().__new__(cls, value)
        self.text = text
        return self


class Real(float):
    """A float that remembers how it was written (`text`)."""

    text: str

    def __new__(cls, value: float, text: str) -> "Real":
        self = super().__new__(cls, value)
        self.text = text
        return self


class Broken:
    """Stands where a value could not be read; its fault has been reported already."""

    def __repr__(self) -> str:
        return "(unreadable)"


BROKEN = Broken()


class Node:
    """A value and its place. `data` is plain Python; `children` the nodes inside; `keys` where each key stands."""

    __slots__ = ("children", "column", "data", "file", "keys", "line")

    def __init__(self, file: str, line: int, column: int, data: Any) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.data = data
        self.children: dict[str, Node] | list[Node] | None = None
        self.keys: dict[str, tuple[str, int, int]] = {}

    def child(self, step: str | int) -> "Node | None":
        """The node under a key or an index, None when there is none."""
        match self.children:
            case dict() if isinstance(step, str):
                return self.children.get(step)
            case list() if isinstance(step, int) and 0 <= step < len(self.children):
                return self.children[step]
        return None

    def at(self, loc: Loc) -> "Node | None":
        """The node at `loc`, None when there is none."""
        node: Node | None = self
        for step in loc:
            node = node.child(step) if node else None
        return node

    def put(self, step: str | int, node: "Node") -> None:
        """Set a child, in the node tree and in the data alike."""
        self.data[step] = node.data
        self.children[step] = node  # type: ignore[index]
        if isinstance(step, str):
            self.keys[step] = (node.file, node.line, node.column)

    def drop(self, step: str | int) -> None:
        """Remove a child, from the node tree and from the data alike."""
        del self.data[step]
        del self.children[step]  # type: ignore[arg-type, union-attr]

    def fault(self, loc: Loc, message: str, *, key: bool = False) -> Fault:
        """A fault at `loc` below this node: at the value, or with `key` at the key; else at what encloses it."""
        node, names = self, [""]
        place = (self.file, self.line, self.column)
        for n, step in enumerate(loc):
            below = node.child(step)
            names.append(step_name(node, step, below))
            if below is None:
                if key and isinstance(step, str) and n == len(loc) - 1:
                    place = node.keys.get(step, place)
                names += [f".{s}" if isinstance(s, str) else f"[{s}]" for s in loc[n + 1 :]]
                break
            place = (below.file, below.line, below.column)
            if key and isinstance(step, str) and n == len(loc) - 1:
                place = node.keys.get(step, place)
            node = below
        return Fault(*place, "".join(names).lstrip("."), message)


def step_name(node: Node, step: str | int, below: Node | None) -> str:
    """How a step of a path is written: `.key`, `.id` for a list element that has an id, else `[n]`."""
    if isinstance(step, str):
        return f".{clip(step)}"
    name = below.data.get("id") if below and isinstance(below.data, dict) else None
    return f".{clip(name)}" if isinstance(name, str) else f"[{step}]"


@dataclass
class Tree:
    """One YAML file: its bytes, its nodes and the faults of its notation."""

    file: str
    raw: bytes
    root: Node
    faults: list[Fault]


def read_bytes(path: Path, file: str, cap: int = SIZE_CAP) -> bytes:
    """The content of a regular file up to `cap` bytes. Raises InputError naming it `file`."""

    def refuse(message: str) -> InputError:
        return InputError([Fault(file, 1, 1, "", message)])

    try:
        if path.is_dir():
            raise refuse("this is a directory. name a file")
        if not path.exists():
            raise refuse("no such file")
        if not path.is_file():
            raise refuse("this is not a regular file")
        size = os.path.getsize(path)
        if size > cap:
            raise refuse(f"the file has {size} bytes. allowed: at most {cap}")
        raw = path.read_bytes()
    except OSError as e:
        raise refuse(f"the file cannot be read: {(e.strerror or str(e)).lower()}") from None
    except ValueError:
        raise refuse("this is not a usable path") from None
    if not raw.strip():
        raise refuse("the file is empty")
    return raw


def decode(raw: bytes, file: str) -> str:
    """UTF-8 text, a byte order mark tolerated. Raises InputError at the first byte that is not."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError([Fault(file, 1, 1, "", "the file is UTF-16. allowed: UTF-8")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line, column = place_of(raw, e.start)
        found = f"byte 0x{raw[e.start]:02x} is not UTF-8. allowed: UTF-8 text"
        raise InputError([Fault(file, line, column, "", found)]) from None
    if "\0" in text:
        line, column = place_of(raw, raw.index(b"\0"))
        raise InputError([Fault(file, line, column, "", "this is a binary file (it has a NUL). allowed: UTF-8 text")])
    return text


def place_of(raw: bytes, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of a byte."""
    start = raw.rfind(b"\n", 0, offset) + 1
    return raw.count(b"\n", 0, offset) + 1, len(raw[start:offset].decode("utf-8", "replace")) + 1


def read_tree(path: Path, file: str) -> Tree:
    """A YAML file as nodes. Raises InputError when it cannot be read at all; lesser faults are in `Tree.faults`."""
    raw = read_bytes(path, file)
    return compose(decode(raw, file), file, raw)


def compose(text: str, file: str, raw: bytes = b"") -> Tree:
    """YAML text as nodes. Raises InputError for broken syntax, an empty file or too deep nesting."""
    try:
        composer, root = _composed(text, file)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise InputError([Fault(file, line, column, "", _syntax(text, e, line, column))]) from None
    except yaml.reader.ReaderError as e:
        before = text[: e.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        found = f"control character {clip(str(e.character))} is not allowed in YAML"
        raise InputError([Fault(file, line, column, "", found)]) from None
    if root is None:
        raise InputError([Fault(file, 1, 1, "", "the file is empty")])
    return Tree(file, raw, root, composer.faults)


def _composed(text: str, file: str) -> "tuple[_Composer, Node | None]":
    """The composer and what it made. Newer releases of libyaml have a limit of depth of their own and read so far ahead
    that it speaks before the first node is heard of. Ours is lower: where it lies the parser in Python tells."""
    try:
        composer = _Composer(file, yaml.parse(text, Loader=_Loader))
        return composer, composer.document()
    except yaml.MarkedYAMLError as e:
        if not _too_deep(e):
            raise
    composer = _Composer(file, yaml.parse(text, Loader=yaml.SafeLoader))
    return composer, composer.document()


def _too_deep(e: yaml.MarkedYAMLError) -> bool:
    return "nest" in (e.problem or "") or "nest" in (e.context or "")


def _syntax(text: str, e: yaml.MarkedYAMLError, line: int, column: int) -> str:
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or here[column - 1 : column] == "\t":
        return "a tab is used for indentation. allowed: spaces"
    if _too_deep(e):
        return f"nested too deeply. allowed: {DEPTH_CAP} levels"
    context = f"{e.context}, " if e.context else ""
    opened = f" opened at line {e.context_mark.line + 1}" if e.context_mark and e.context_mark.line + 1 != line else ""
    return f"this is not YAML: {context}{e.problem}{opened}"


class _Composer:
    """Turns the parser's events into nodes, with an own stack: depth never meets Python's recursion limit."""

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self.file = file
        self.events = events
        self.faults: list[Fault] = []
        self.count = 0
        self.stack: list[tuple[Node, Any]] = []  # container, and for a mapping the key that waits for its value

    def document(self) -> Node | None:
        """The nodes of the first document; a second one is a fault."""
        root: Node | None = None
        stack = self.stack
        documents = 0
        for event in self.events:
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._fault(event, "a second document begins here. allowed: one document per file")
                        return root
                    continue
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    stack.pop()
                    continue
                case yaml.NodeEvent():
                    node = self._node(event)
                case _:
                    continue
            if not stack:
                root = node
            else:
                self._attach(stack, event, node)
            if node.children is not None:
                stack.append((node, None))
                if len(stack) > DEPTH_CAP:
                    self._fault(event, f"nested too deeply. allowed: {DEPTH_CAP} levels")
                    raise InputError(self.faults)
        return None if root is None or (root.data is BROKEN and len(self.faults) == 1 and documents == 1) else root

    def _attach(self, stack: list[tuple[Node, Any]], event: Any, node: Node) -> None:
        parent, key = stack[-1]
        if isinstance(parent.children, list):
            parent.children.append(node)
            parent.data.append(node.data)
            return
        if key is None:
            stack[-1] = (parent, self._key(parent, event, node))
            return
        stack[-1] = (parent, None)
        if key[0] is not None:
            assert isinstance(parent.children, dict)
            parent.children[key[0]] = node
            parent.data[key[0]] = node.data

    def _key(self, parent: Node, event: Any, node: Node) -> tuple[str | None]:
        """The text of a key, None in it when the pair is dropped."""
        if not isinstance(event, yaml.ScalarEvent):
            self._fault(event, "a key must be plain text")
            return (None,)
        if self.faults and node.data is BROKEN:
            self.faults.pop()  # an empty key is text like any other; it will be an unknown one
        text = nfc(event.value)
        if text in parent.keys:
            first = parent.keys[text][1]
            self._fault(event, f"key {show(text)} is given twice, first in line {first}. allowed: each key once", text)
            return (None,)
        parent.keys[text] = (self.file, node.line, node.column)
        return (text,)

    def _node(self, event: Any) -> Node:
        mark = event.start_mark
        self.count += 1
        if self.count > NODE_CAP:
            self._fault(event, f"the file has more than {NODE_CAP} values. allowed: at most that many")
        if self.count > NODE_CAP or len(self.faults) > FAULT_CAP:
            raise InputError(self.faults)
        node = Node(self.file, mark.line + 1, mark.column + 1, None)
        if event.anchor is not None:
            what = "alias '*" if isinstance(event, yaml.AliasEvent) else "anchor '&"
            self._fault(event, f"{what}{clip(event.anchor)}' is used. allowed: plain values; write the value out")
        if isinstance(event, yaml.AliasEvent):
            node.data = BROKEN
            return node
        if event.tag is not None:
            self._fault(event, f"tag '{clip(event.tag)}' is used. allowed: plain values without tags")
        if isinstance(event, yaml.ScalarEvent):
            node.data = nfc(event.value) if event.style else resolve(nfc(event.value))
            if node.data is None:
                self._fault(event, "the value is empty. give a value or leave the key out")
                node.data = BROKEN
        elif isinstance(event, yaml.MappingStartEvent):
            node.data, node.children = {}, {}
        else:
            node.data, node.children = [], []
        return node

    def _fault(self, event: Any, message: str, key: str | None = None) -> None:
        mark = event.start_mark
        self.faults.append(Fault(self.file, mark.line + 1, mark.column + 1, self._path(key), message))

    def _path(self, last: str | None) -> str:
        steps: list[str] = []
        for node, key in self.stack:
            if isinstance(node.children, list):
                steps.append(f"[{len(node.children)}]")
            elif key is not None and key[0] is not None:
                steps.append(f".{clip(key[0])}")
        steps += [] if last is None else [f".{clip(last)}"]
        return "".join(steps).lstrip(".")


def nfc(text: str) -> str:
    """Text in Unicode's composed form, so that ids which look the same are the same."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_INT = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_INT = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{
        sign + word: Real(float(sign + "inf"), sign + word)
        for sign in ("", "+", "-")
        for word in (".inf", ".Inf", ".INF")
    },
    **{word: Real(float("nan"), word) for word in (".nan", ".NaN", ".NAN")},
}


def resolve(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema: null, bool, int, float or text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        if _INT.match(text):
            # int() of more digits than this is slow and no quantity needs it; as a float it is refused as too large
            return Whole(int(text), text) if len(text) < 400 else Real(float("inf"), text)
        if _OTHER_INT.match(text):
            return Whole(int(text, 0), text) if len(text) < 400 else Real(float("inf"), text)
        if _FLOAT.match(text):
            return Real(float(text), text)
    return text
