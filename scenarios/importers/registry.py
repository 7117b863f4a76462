"""Importers: each turns a data set into network and scenario files, and is one file: an options dataclass, a function.

    @dataclass(frozen=True)
    class AcmeOptions(Options):
        horizon_days: int = option(40, "Days that are simulated.", least=1)

    @importer("acme", AcmeOptions, "folder of its exports")
    def import_acme(src: Path, out: Path, options: AcmeOptions = AcmeOptions()) -> list[Path]:
        '''The ACME network: what `plantsync import acme --help` says first.'''

Modules of this room are found by lying here; those of other packages by an entry point of the group
`plantsync.importers` that names the module. The command line, its help and its checks are made of the options.
"""

import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from plants.errors import ExtensionError
from plants.extensions import Group, offered
from scenarios.errors import Fault, InputError, show

GROUP: Group = "plantsync.importers"
Run = Callable[[Path, Path, Any], list[Path]]

_registered: dict[str, "Importer"] = {}


def option(
    default: Any,
    text: str,
    *,
    least: int | None = None,
    most: int | None = None,
    choices: tuple[str, ...] = (),
    pattern: str = "",
    allowed: str = "",
) -> Any:
    """A field of an options dataclass. A whole number from `least` to `most`, one of `choices`, or text of a `pattern`
    that `allowed` puts in words; a default of None: left out means what `text` says."""
    said: Mapping[str, Any] = {
        "text": text, "least": least, "most": most, "choices": choices, "pattern": pattern, "allowed": allowed,
    }  # fmt: skip
    return field(default=default, metadata=said)


@dataclass(frozen=True)
class Options:
    """Base of the options of an importer."""

    def __post_init__(self) -> None:
        """Raise InputError naming the first option that cannot be used."""
        for one in fields(self):
            value, said = getattr(self, one.name), one.metadata
            if value is None:
                continue
            allowed = said["allowed"] or " or ".join(said["choices"])
            if said["least"] is not None and value < said["least"]:
                raise _refuse(one.name, f"found {value}; at least {said['least']} is needed.")
            if said["most"] is not None and value > said["most"]:
                raise _refuse(one.name, f"found {value}; at most {said['most']} is allowed.")
            if (said["choices"] and value not in said["choices"]) or (
                said["pattern"] and not re.fullmatch(said["pattern"], value, re.ASCII)
            ):
                raise _refuse(one.name, f"found {show(value)}; {allowed} is allowed.")


@dataclass(frozen=True)
class Importer:
    """A registered importer. source: what SRC is, in words; run(src, out, options) gives the files written, in order,
    and raises InputError when the source or an option cannot be used."""

    name: str
    options: type[Options]
    source: str
    run: Run

    @property
    def about(self) -> str:
        """The first line of its function's docstring."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


def importer(name: str, options: type[Options], source: str) -> Callable[[Run], Run]:
    """Register the function below as the importer `name`. Raises ValueError when another one has that name, or when
    an option is not made by `option`."""
    if plain := [one.name for one in fields(options) if "text" not in one.metadata]:
        raise ValueError(f"importer {name}: {', '.join(plain)} is not made by option()")

    def register(run: Run) -> Run:
        known = _registered.get(name)
        if known is not None and _place(known.run) != _place(run):  # the same place: its module is imported again
            raise ValueError(f"two importers are called {name}: {known.run.__module__} and {run.__module__}")
        _registered[name] = Importer(name, options, source, run)
        return run

    return register


def _place(run: Run) -> tuple[str, str]:
    return run.__module__, run.__qualname__


def importers() -> dict[str, Importer]:
    """Every importer that can be used, by name: those of this room, then those of other packages."""
    return _found()[0]


def refused() -> list[ExtensionError]:
    """What is wrong with those of other packages that cannot be used: the others are not held up."""
    return _found()[1]


def _found() -> tuple[dict[str, Importer], list[ExtensionError]]:
    found: dict[str, Importer] = {}
    faults: list[ExtensionError] = []
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        found |= _of(import_module(f"{__package__}.{module.name}"))
    for offer in offered(GROUP):
        try:
            its = _of(offer.instance(ModuleType))
            if not its:
                raise offer.refused("there is no importer in it. allowed: a module with a function under @importer")
            found |= its
        except ExtensionError as fault:
            faults.append(fault)
    return found, faults


def _of(module: ModuleType) -> dict[str, Importer]:
    """The importers whose functions stand in a module."""
    return {one.name: one for one in _registered.values() if any(one.run is each for each in vars(module).values())}


def _refuse(name: str, message: str) -> InputError:
    return InputError([Fault("import", 1, 1, name, message)])
