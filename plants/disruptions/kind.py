"""What a kind of disruption declares about itself: one class, read by everything that asks about kinds.

    schema, loader, injection, help   name, targets, keys, lasts, the first paragraph of the docstring, `conflict`
    running                           `begin`, `title`
    bounds of `check`                 `harms`
    schema, and tests that listen     `says`

A class that only takes capacity away writes `harms` and is done: the same harms are applied by `begin` and counted by
`check`, so the bound cannot differ from the run. A new kind is a class in one of the modules beside this one (or
somebody else's, see kinds.py). Files are not read here: a key names the kind of its value, and `scenarios.files` has
the reader of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import getdoc
from typing import TYPE_CHECKING, Any, ClassVar

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.harm import Harm
from plants.disruptions.undo import Undo, together

if TYPE_CHECKING:  # the world above the floor is heavy, and whoever reads a file asks kinds too
    from plants.disruptions.world import World

# kind of value -> its unit, as it stands in `DisruptionSpec.extra`
VALUES = {
    "time": "s",
    "time law": "s",
    "factor": "of normal",
    "share": "of 1",
    "count": "",
    "choice": "",
    "item": "",
    "lane": "",
    "message": "",
}
TARGETS = ("plants", "warehouses", "lines", "machines", "crews", "suppliers", "customers", "lanes", "systems")


@dataclass(frozen=True)
class Key:
    """One key of a kind. value: one of VALUES. default: what holds when it is left out, in canonical units; None when
    leaving it out means what `description` says. choices: of a `choice`. zero: whether a `factor` may be 0."""

    name: str
    value: str
    description: str
    required: bool = False
    default: object = None
    choices: tuple[str, ...] = ()
    zero: bool = False

    @property
    def stored(self) -> str:
        """Its name in `DisruptionSpec.extra`: times end in their unit."""
        return f"{self.name}_s" if VALUES[self.value] == "s" else self.name


class Kind:
    """Base of every kind. name: as files write it. targets: what it may hit, out of TARGETS. lasts: whether it has a
    duration (`for`); what cannot be undone has none. says: the message types by which systems tell of it."""

    name: ClassVar[str]
    targets: ClassVar[tuple[str, ...]]
    keys: ClassVar[tuple[Key, ...]] = ()
    lasts: ClassVar[bool] = True
    says: ClassVar[tuple[str, ...]] = ()

    @property
    def description(self) -> str:
        """What goes wrong, in a sentence or two."""
        return " ".join((getdoc(type(self)) or "").split("\n\n")[0].split())

    @property
    def required(self) -> tuple[str, ...]:
        """The keys that must be given."""
        return tuple(key.name for key in self.keys if key.required)

    def conflict(self, given: Mapping[str, Any]) -> str:
        """Why these values of its keys do not go together, in one sentence; "" when they do."""
        return ""

    def idle(self, key: str, value: Any) -> str:
        """Why this value of a key changes nothing yet, in a few words; "" where it does."""
        return ""

    def value(self, d: DisruptionSpec, key: str) -> Any:
        """The value of a key of `d`, its default where it was left out."""
        declared = next(each for each in self.keys if each.name == key)
        return d.extra.get(declared.stored, declared.default)

    def title(self, d: DisruptionSpec) -> str:
        """The disruption in a few words, for reports."""
        words = {k: v for k, v in d.extra.items() if isinstance(v, int | float | str)}
        tail = f" ({', '.join(f'{k} {v}' for k, v in words.items())})" if words else ""
        return f"{self.name} {d.target}{tail}"

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        """What `d` takes from the network while it lasts, in the order in which it is done."""
        return ()

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> Undo | None:
        """Do the harm now; returns how to undo it, None when it cannot be undone (or ends by itself).

        expected: see world.py. drawn: seconds that it really lasts, None when nothing of its own ends it.
        """
        return together([world.take(harm, d.id, expected) for harm in self.harms(world.network.spec, d)])
