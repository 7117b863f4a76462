"""One row of `disruptions` in a scenario file, made from what the kinds declare (plants.disruptions.kinds).

    Kind.keys --(READERS)--> fields of WrittenDisruption --> one row read --> `own` --> DisruptionSpec.extra

A kind is not known here by name: a new one is read, checked, and described in the schema because it is declared.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import ConfigDict, Field, create_model

from plants.disruptions.kind import Key, Kind
from plants.disruptions.kinds import COMMON, KINDS
from scenarios.files.fields import (
    Count,
    Duration,
    FactorFromZero,
    Id,
    Instant,
    Part,
    Share,
    Text,
    TimeLaw,
    one_of,
)

# kind of value -> the type that reads it; a choice brings its own words
READERS: dict[str, Any] = {
    "time": Duration,
    "time law": TimeLaw,
    "factor": FactorFromZero,  # see `misfits`
    "share": Share,
    "count": Count,
    "item": Id,
    "lane": Text,
    "message": Text,
}
BEFORE = tuple(key for key in COMMON if key != "for")  # what every row may say, whatever its kind


class AfterPart(Part):
    """What sets a disruption off."""

    id: Id = Field(description="The disruption that sets this one off.")
    delay: TimeLaw | None = Field(None, description="Time after the start of that one (0 when left out).")
    probability: Share = Field(1.0, description="How likely it is.")


class DisruptionPart(Part):
    """Something that goes wrong."""

    id: Id = Field(description="Name of the disruption, unique in the file.")
    kind: Annotated[str, *one_of(*KINDS)] = Field(description="What goes wrong.")
    target: Text = Field(description="Where: lyon, lyon.L1, lyon.L1.press, lyon.mes, or a lane lyon>dc-west.")
    at: Instant | None = Field(None, description="When it begins, since the start (14d 08:00); needed unless `after`.")
    after: AfterPart | None = Field(None, description="Another disruption that sets it off.")
    for_: TimeLaw | None = Field(None, alias="for", description="How long it lasts; to the horizon when left out.")
    until: Id | None = Field(None, description="A disruption with whose end this one ends.")


def keys_of(kind: Kind) -> tuple[str, ...]:
    """The keys that a kind has besides those of every row."""
    return (*(key.name for key in kind.keys), *(("for",) if kind.lasts else ()))


def own(part: DisruptionPart) -> dict[str, Any]:
    """The values of the kind's own keys, those that were given and could be read, by name."""
    values = {key.name: getattr(part, key.name) for key in KINDS[part.kind].keys}
    return {name: value for name, value in values.items() if value is not None}


def misfits(part: DisruptionPart) -> list[tuple[str, str]]:
    """(key, what is wrong with it) of the values that keys of this name may have, and not with this kind."""
    values = own(part)
    above = (key.name for key in KINDS[part.kind].keys if key.value == "factor" and not key.zero)
    return [(name, "0 is zero. allowed: a number above 0") for name in above if values.get(name) == 0]


def references(
    part: DisruptionPart, items: Iterable[str], lanes: Iterable[str]
) -> list[tuple[str, str, tuple[list[str], str]]]:
    """The names that the kind's own keys refer to: (key, name, (what there is, in words what it is))."""
    from sync.vocabulary.messages import BODIES

    there = {
        "item": (list(items), "item"),
        "lane": ([lane for lane in lanes if lane != part.target], "lane"),
        "message": (list(BODIES), "message type"),
    }
    values = own(part)
    declared = (key for key in KINDS[part.kind].keys if key.value in there and key.name in values)
    return [(key.name, values[key.name], there[key.value]) for key in declared]


def _field(keys: dict[str, Key]) -> tuple[Any, Any]:
    """The field of a key, said once for all kinds that have it. keys: kind -> its declaration."""
    first = next(iter(keys.values()))
    reader = Annotated[str, *one_of(*first.choices)] if first.value == "choice" else READERS[first.value]
    said: dict[str, list[str]] = {}
    for kind, key in keys.items():
        said.setdefault(key.description, []).append(kind)
    description = " ".join(f"{', '.join(kinds)}: {text}" for text, kinds in said.items())
    return reader | None, Field(None, description=description)


def _fields() -> dict[str, Any]:
    declared: dict[str, dict[str, Key]] = {}
    for kind in KINDS.values():
        for key in kind.keys:
            declared.setdefault(key.name, {})[kind.name] = key
    return {name: _field(keys) for name, keys in declared.items()}


def _rules(schema: dict[str, Any]) -> None:
    """What each kind means, and which keys go with it: one rule a kind."""
    schema["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind.name}}},
            "then": {
                "title": kind.name,
                "description": kind.description + (f" Told by: {', '.join(kind.says)}." if kind.says else ""),
                "propertyNames": {"enum": [*BEFORE, *keys_of(kind)]},
                "properties": {
                    key.name: {"exclusiveMinimum": 0} for key in kind.keys if key.value == "factor" and not key.zero
                },
                "required": list(kind.required),
            },
        }
        for kind in KINDS.values()
    ]


class _Described(DisruptionPart):
    model_config = ConfigDict(json_schema_extra=_rules)


WrittenDisruption: type[DisruptionPart] = create_model(
    "DisruptionPart", __base__=_Described, __doc__=DisruptionPart.__doc__, **_fields()
)
