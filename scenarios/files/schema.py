"""JSON Schemas of what a person or a program may write: networks, scenarios, policies of scenarios, and messages.

A file's schema is made of the models its loader reads with: each field's kind, default, description and example. What
several keys share stands once, under `$defs`; a CSV's columns stand under `x-csv` of the kind that names the file.
"""

import json
import re
from collections.abc import Callable
from typing import Any, get_args, get_origin

from scenarios.files.shapes import Shape, closed, ref

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = re.compile(r'"#/\$defs/(\w+)"')


def json_schema(kind: str) -> Shape:
    """The JSON Schema (2020-12) of a kind of file (SCHEMAS), or of every message body by type. Raises KeyError."""
    return {"$schema": DIALECT, "$id": f"urn:plantsync:{kind}:1", **SCHEMAS[kind]()}


# --- files -----------------------------------------------------------------------------------------------------------
def _file(model: Any) -> Shape:
    definitions: dict[str, Shape] = {}
    body = _mapping(model, definitions)
    return {**body, "$defs": dict(sorted(definitions.items()))}


def _mapping(model: Any, definitions: dict[str, Shape]) -> Shape:
    """The schema of a mapping of the files (a Part), what it refers to put into `definitions`."""
    keys = {field.alias or name: field for name, field in model.model_fields.items()}
    body = closed(
        {key: _key(field, definitions) for key, field in keys.items()},
        [key for key, field in keys.items() if field.is_required()],
    )
    more = model.model_config.get("json_schema_extra")
    if callable(more):
        more(body)
    title = part_name(model)
    return {"title": title, "description": model.__doc__, **body}


def part_name(model: Any) -> str:
    """`supplier_item` for SupplierItemPart: what the definition of a mapping is called."""
    words = re.findall("[A-Z][a-z]*", model.__name__.removesuffix("Part"))
    return "_".join(words).lower()


def _key(field: Any, definitions: dict[str, Shape]) -> Shape:
    """What stands at a key: its kind, its default as a file writes it, its description, an example."""
    from scenarios.files.kinds import NoEffect

    shape = _value(field.annotation, field.metadata, definitions)
    for limit in field.metadata:
        if hasattr(limit, "ge"):
            shape["minimum"] = limit.ge
        if hasattr(limit, "min_length"):
            shape["minItems"] = limit.min_length
    said = [str(field.description)]
    default = written_default(field)
    if default not in (None, "", [], {}):
        said.append(f"Default: {default if isinstance(default, str) else json.dumps(default)}.")
    for mark in field.metadata:
        if isinstance(mark, NoEffect):
            said.append(f"No effect yet: {mark.why}")
            shape["x-no-effect"] = mark.why
    shape["description"] = " ".join(said)
    if default is not None:
        shape["default"] = default
    shape["examples"] = list(field.examples or [example_of(field.annotation, field.metadata)])
    return shape


def _value(annotation: Any, metadata: Any, definitions: dict[str, Shape]) -> Shape:
    annotation, kind = plain(annotation, metadata)
    if kind is not None:
        if kind.name:
            _define(kind.name, definitions)
        return dict(kind.schema)
    inside = get_args(annotation)
    if get_origin(annotation) is list:
        return {"type": "array", "items": _value(inside[0], (), definitions)}
    if get_origin(annotation) is dict:
        shape: Shape = {"type": "object", "additionalProperties": _value(inside[1], (), definitions)}
        names = plain(inside[0], ())[1]
        return {**shape, "propertyNames": names.schema} if names else shape
    name = part_name(annotation)
    if name not in definitions:
        definitions[name] = {}  # a part may contain itself
        definitions[name] = _mapping(annotation, definitions)
    return ref(name)


def _define(name: str, definitions: dict[str, Shape]) -> None:
    """The definition of a kind, and of every kind its shape refers to."""
    from scenarios.files.kinds import KINDS

    if name in definitions:
        return
    kind = KINDS[name]
    definitions[name] = {"title": name, **kind.shape, "examples": [kind.example]}
    for other in _REFERENCE.findall(json.dumps(kind.shape)):
        _define(other, definitions)


def plain(annotation: Any, metadata: Any) -> tuple[Any, Any]:
    """An annotation without Annotated and Optional, and its kind (None for mappings, lists and dicts of them)."""
    from scenarios.files.kinds import Kind

    marks = list(metadata)
    while True:
        kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
        inside = get_args(annotation)
        if kind is not None or not inside or get_origin(annotation) in (list, dict):
            return annotation, kind
        if hasattr(annotation, "__metadata__"):
            marks, annotation = list(annotation.__metadata__), inside[0]
        else:  # X | None
            annotation = next(x for x in inside if x is not type(None))


def example_of(annotation: Any, metadata: Any = ()) -> Any:
    """A value as a file may write it: a kind's own, one element of a list, and of a mapping the keys it must have and
    those it shows."""
    annotation, kind = plain(annotation, metadata)
    if kind is not None:
        return kind.example
    if get_origin(annotation) is list:
        return [example_of(get_args(annotation)[0])]
    return {
        field.alias or name: (field.examples or [example_of(field.annotation, field.metadata)])[0]
        for name, field in annotation.model_fields.items()
        if field.is_required() or (field.alias or name) in annotation.shown
    }


def written_default(field: Any) -> Any:
    """The default of a key as a file would write it; None when it must be given, or when leaving it out is not the same
    as any value."""
    from pydantic import BaseModel

    if field.is_required() or field.default is None:
        return None
    if isinstance(field.default, BaseModel):
        return {}
    kind = plain(field.annotation, field.metadata)[1]
    written = kind.write(field.default) if kind else field.default
    return int(written) if isinstance(written, float) and written.is_integer() else written


def _network() -> Shape:
    from scenarios.files.networkfile import NetworkFile

    return _file(NetworkFile)


def _scenario() -> Shape:
    from scenarios.files.scenariofile import ScenarioFile

    return _file(ScenarioFile)


def _policy() -> Shape:
    from scenarios.files.scenariofile import PolicyPart

    return _file(PolicyPart)


# --- messages --------------------------------------------------------------------------------------------------------
def _messages() -> Shape:
    """`$defs` holds each body; `properties` maps a message type to its body."""
    import msgspec

    from sync.vocabulary.messages import BODIES, Message
    from sync.vocabulary.messages.keys import meaning

    types = list(dict.fromkeys([Message, *BODIES.values()]))
    schemas, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    reference = dict(zip(types, schemas, strict=True))
    for name, shape in components.items():
        for key, value in shape["properties"].items():
            means = meaning(name, key)
            value |= {"description": means.text, "examples": [means.example]}
    return {
        "title": "messages",
        "description": "The envelope of a message, and its body (`data`) by message type.",
        "type": "object",
        "properties": {"message": reference[Message], **{name: reference[body] for name, body in BODIES.items()}},
        "additionalProperties": False,
        "$defs": components,
    }


SCHEMAS: dict[str, Callable[[], Shape]] = {
    "network": _network,
    "scenario": _scenario,
    "policy": _policy,
    "messages": _messages,
}
