"""Every KPI there is: those of the themes, in the order in which people read them, then other people's.

Another package adds its own by an entry point of the group `plantsync.kpis` that names a function made by `@kpi`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from types import ModuleType
from typing import Any

from plants.errors import ExtensionError
from plants.extensions import Group, offered
from plants.kpis import cost, decisions, flow, information, orders, service, stock
from plants.kpis.figures import Figure, Value
from plants.kpis.kpi import Kpi
from plants.kpis.measured import Measured

GROUP: Group = "plantsync.kpis"
THEMES: tuple[ModuleType, ...] = (service, cost, orders, flow, stock, decisions, information)


def kpis() -> Mapping[str, Kpi]:
    """Name -> KPI, in the order in which they are shown."""
    return _found()[0]


def refused() -> tuple[ExtensionError, ...]:
    """What is wrong with other people's KPIs that cannot be used: that must not take the run with it."""
    return _found()[1]


@cache
def _found() -> tuple[Mapping[str, Kpi], tuple[ExtensionError, ...]]:
    found = {k.name: k for theme in THEMES for k in of_module(theme)}
    faults = []
    for offer in offered(GROUP):
        try:
            added = offer.instance(Kpi)
            if added.name in found:
                raise offer.refused(f"there is a KPI {added.name} already. allowed: another name")
            found[added.name] = added
        except ExtensionError as fault:
            faults.append(fault)
    return found, tuple(faults)


def of_module(module: ModuleType) -> list[Kpi]:
    """The KPIs that stand in a module, in its order."""
    return [k for k in vars(module).values() if isinstance(k, Kpi) and k.of.__module__ == module.__name__]


def definition(name: str) -> Kpi:
    """What a KPI is; `utilisation.lyon.L1` is looked up by its first word. Nothing is known of a name that this version
    does not have, as another version's run may."""
    head = name.partition(".")[0]
    return kpis().get(head) or Kpi(head, "", "", "not known to this version", (), "", lambda _: None)


def ordered(names: Iterable[str]) -> list[str]:
    """KPI names in the order in which they are shown, each once; names that this version does not know come last."""
    place = {name: n for n, name in enumerate(kpis())}
    return sorted(dict.fromkeys(names), key=lambda name: place.get(name.partition(".")[0], len(place)))


@dataclass
class Measures:
    """Every KPI of a finished world. values: name -> value, of single places dotted (`utilisation.lyon.L1`); places:
    (KPI, dimension, place, value) of those that are known by place; faults: in one line each, the KPIs that could not
    be computed, which are None: one formula that fails must not take the run with it."""

    values: dict[str, Value] = field(default_factory=dict)
    places: list[tuple[str, str, str, Value]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def measure(world: Measured) -> Measures:
    """Compute every KPI."""
    found = Measures(faults=[str(fault) for fault in refused()])
    for k in kpis().values():
        try:
            _add(found, k, world.figure(k))
        except Exception as fault:
            if not k.by:
                found.values[k.name] = None
            found.faults.append(f"KPI {k.name} could not be computed: {type(fault).__name__}: {fault}")
    return found


def _add(found: Measures, k: Kpi, of: Any) -> None:
    if isinstance(of, Mapping) != bool(k.by):
        expected = f"a value per {k.by}" if k.by else "a number"
        raise TypeError(f"it returned {type(of).__name__}. expected: {expected}")
    parts = {f"{k.name}.{place}": one for place, one in of.items()} if isinstance(of, Mapping) else {k.name: of}
    values: dict[str, Value] = {}
    places: list[tuple[str, str, str, Value]] = []
    for name, one in parts.items():
        values[name] = _checked(name, one if one is None or isinstance(one, int | float) else one.whole())
        if k.by:
            places.append((k.name, k.by, name.partition(".")[2], values[name]))
        if one is not None and not isinstance(one, int | float):
            places += _by_place(name, one)
    found.values |= values
    found.places += places


def _by_place(name: str, of: Figure) -> Iterator[tuple[str, str, str, Value]]:
    for dimension in of.dimensions:
        for place, value in of.by(dimension).items():
            yield name, dimension, place, _checked(name, value)


def _checked(name: str, value: object) -> Value:
    if value is None or (isinstance(value, int | float) and isfinite(value)):
        return value
    raise ValueError(f"{name} is {value!r}. expected: a finite number, or None where it is not defined")
