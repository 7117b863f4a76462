"""JSON Schemas of what a person or a program may write: networks, scenarios, policies and messages."""

from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS = ("network", "scenario", "policy", "messages")


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of file (KINDS), or of every message body by type. Raises KeyError."""
    if kind not in KINDS:
        raise KeyError(kind)
    body = _messages() if kind == "messages" else _file(kind)
    return {"$schema": DIALECT, "$id": f"urn:plantsync:{kind}:1", **body}


def _file(kind: str) -> dict[str, Any]:
    from pydantic import BaseModel

    from scenarios.files.networkfile import NetworkFile
    from scenarios.files.scenariofile import PolicyPart, ScenarioFile

    models: dict[str, type[BaseModel]] = {"network": NetworkFile, "scenario": ScenarioFile, "policy": PolicyPart}
    written: dict[str, Any] = _without_null(models[kind].model_json_schema(by_alias=True, mode="validation"))
    return written


def _without_null(part: Any) -> Any:
    """A key that may be left out may not be empty, though pydantic's models say None."""
    if isinstance(part, list):
        return [_without_null(p) for p in part]
    if not isinstance(part, dict):
        return part
    part = {k: _without_null(v) for k, v in part.items() if not (k == "default" and v is None)}
    choices = [c for c in part.get("anyOf", ()) if c != {"type": "null"}]
    if len(choices) == 1:
        del part["anyOf"]
        part = {**choices[0], **part}
    elif choices:
        part["anyOf"] = choices
    return part


def _messages() -> dict[str, Any]:
    """`$defs` holds each body; `properties` maps a message type to its body."""
    import msgspec

    from sync.vocabulary.messages import BODIES, Message

    types = list(dict.fromkeys([Message, *BODIES.values()]))
    schemas, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    reference = dict(zip(types, schemas, strict=True))
    return {
        "title": "Messages",
        "description": "The envelope of a message, and its body (`data`) by message type.",
        "type": "object",
        "properties": {"message": reference[Message], **{name: reference[body] for name, body in BODIES.items()}},
        "additionalProperties": False,
        "$defs": components,
    }
