"""Nodes through a pydantic model, with every error translated to a fault at its exact place.

What is broken is pruned and the rest validated again, so that references are judged in the same pass and a person
sees all faults at once.
"""

import types
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from scenarios.errors import Fault, nearest, show
from scenarios.files.fields import Context
from scenarios.files.kinds import Kind
from scenarios.files.nodes import BROKEN, Loc, Node
from sync.vocabulary.errors import Refused

M = TypeVar("M", bound=BaseModel)

KEY = "[key]"  # how pydantic marks that a dict's key, not its value, is at fault


def validate(model: type[M], root: Node, context: Context) -> tuple[M | None, list[Fault]]:
    """The model of `root` and all faults. With faults the model is what remains without the broken parts, or None.

    Broken parts are removed from `root` as well, so the model and the nodes keep the same shape.
    """
    faults: list[Fault] = []
    first = True
    for _ in range(12):
        try:
            return model.model_validate(root.data, context=context), faults
        except ValidationError as e:
            errors = e.errors(include_url=False)
        if first:
            faults = [f for f in (_fault(model, root, error) for error in errors[: context.most + 1]) if f is not None]
            first = False
        if len(errors) > context.most:
            break
        if not _prune(root, [_place(error)[0] for error in errors]):
            break
    return None, faults


def _place(error: Any) -> tuple[Loc, bool]:
    """Where an error stands, and whether it is the key that is wrong."""
    loc: Loc = tuple(error["loc"])
    if loc and loc[-1] == KEY:
        return loc[:-1], True
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Refused):
        return (*loc, *cause.sub), False
    return loc, error["type"] == "extra_forbidden"


def _fault(model: type[BaseModel], root: Node, error: Any) -> Fault | None:
    loc, at_key = _place(error)
    node = root.at(loc)
    if not at_key and node is not None and node.data is BROKEN:
        return None
    return root.fault(loc, message_of(model, loc, error), key=at_key)


def message_of(model: type[BaseModel], loc: Loc, error: Any) -> str:
    """One sentence for one error: what was found, what is allowed, did you mean."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Refused):
        return cause.message
    found = show(error.get("input"))
    message = f"{found}: {str(error['msg']).lower()}"
    match error["type"]:
        case "extra_forbidden":
            keys = keys_at(model, loc[:-1])
            message = f"unknown key {show(str(loc[-1]))}. allowed: {', '.join(keys)}{nearest(str(loc[-1]), keys)}"
        case "missing":
            message = f"key '{loc[-1]}' is missing. needed: {description_at(model, loc)}"
        case "model_type" | "dict_type" | "model_attributes_type":
            keys = keys_at(model, loc)
            message = f"{found} is not a mapping. allowed: a mapping{' with ' + ', '.join(keys) if keys else ''}"
        case "list_type":
            message = f"{found} is not a list. allowed: a list"
        case "too_short":
            message = "the list is empty. allowed: at least one"
        case "greater_than_equal":
            message = f"{found} is negative. allowed: at least {error['ctx']['ge']:g}"
    return message


def _prune(root: Node, locs: Sequence[Loc]) -> bool:
    """Remove what is at `locs`, or what encloses it when it is not there. False when nothing could be removed."""
    doomed: set[Loc] = set()
    for loc in locs:
        while loc and root.at(loc) is None:
            loc = loc[:-1]  # noqa: PLW2901
        if not loc:
            return False
        doomed.add(loc)
    for loc in sorted(doomed, key=lambda x: [(isinstance(s, int), -s if isinstance(s, int) else 0, str(s)) for s in x]):
        parent = root.at(loc[:-1])
        if (
            parent is not None
            and parent.child(loc[-1]) is not None
            and not any(loc[:n] in doomed for n in range(len(loc)))
        ):
            parent.drop(loc[-1])
    return True


def _plain(annotation: Any) -> Any:
    """An annotation without Annotated and Optional."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next((a for a in get_args(annotation) if a is not type(None)), None)
        else:
            return annotation


def _at(model: Any, loc: Loc) -> Any:
    """The annotation at `loc` below a model, None when the place is inside a single value."""
    here = model
    for step in loc:
        here = _plain(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = next((f for name, f in here.model_fields.items() if (f.alias or name) == step), None)
            here = field.annotation if field else None
        elif get_origin(here) is list:
            here = get_args(here)[0]
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        else:
            return None
    return _plain(here)


def kind_at(model: type[BaseModel], loc: Loc) -> Kind | None:
    """The kind of value of the key at `loc`; None where there is none, or it is a mapping or a list of them."""
    here = _at(model, loc[:-1])
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        if get_origin(here) is not dict:
            return None
        marks: list[Any] = list(getattr(get_args(here)[1], "__metadata__", ()))
    else:
        field = next((f for name, f in here.model_fields.items() if (f.alias or name) == loc[-1]), None)
        inner = get_args(field.annotation)[0] if field and get_args(field.annotation) else None
        marks = [*field.metadata, *getattr(inner, "__metadata__", ())] if field else []
    return next((mark for mark in marks if isinstance(mark, Kind)), None)


def keys_at(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys a mapping at `loc` may have; empty when any."""
    here = _at(model, loc)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [f.alias or name for name, f in here.model_fields.items()]
    return []


def description_at(model: type[BaseModel], loc: Loc) -> str:
    """What the key at `loc` means."""
    here = _at(model, loc[:-1])
    if isinstance(here, type) and issubclass(here, BaseModel):
        for name, field in here.model_fields.items():
            if (field.alias or name) == loc[-1]:
                return (field.description or "").rstrip(".")
    return str(loc[-1])
