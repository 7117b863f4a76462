"""What a kind of value is: how it is read, what it looks like as JSON Schema, an example, and how a file writes it.

A key of a file is declared by its field in a model: the field's annotation names the kind (`scenarios.files.fields`),
its default and description stand beside it. Reader, schema and documentation are made of that one declaration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, PlainValidator
from pydantic_core import CoreSchema

KINDS: "dict[str, Kind]" = {}  # those with a name: shared definitions of the schemas


@dataclass(frozen=True, eq=False)
class Kind:
    """The annotation of a value. read: as pydantic calls a plain validator, may refuse; shape: its JSON Schema;
    example: one that `read` accepts; write: a canonical value as a file writes it; name: of the shared definition in
    the schemas, "" when the shape is written out at each key."""

    name: str
    read: Callable[..., Any]
    shape: dict[str, Any]
    example: Any
    write: Callable[[Any], Any] = lambda value: value

    def __post_init__(self) -> None:
        if self.name and KINDS.setdefault(self.name, self) is not self:
            raise ValueError(f"two kinds are called {self.name}")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return PlainValidator(self.read).__get_pydantic_core_schema__(source, handler)

    @property
    def schema(self) -> dict[str, Any]:
        """What stands at a key of this kind."""
        return {"$ref": f"#/$defs/{self.name}"} if self.name else dict(self.shape)


@dataclass(frozen=True)
class NoEffect:
    """Annotation of a key that is read, checked and kept, and changes nothing in a run yet. why: what it is until then.

    This mark is the one place that says so: the key's description in the schema is written from it."""

    why: str


def choice(read: Callable[..., Any], *choices: str) -> Kind:
    """The kind of a value that is one of a few words."""
    return Kind("", read, {"type": "string", "enum": list(choices)}, choices[0])
