"""Kinds of option values that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

SEED = click.IntRange(0, 2**63 - 1)  # as in files


class Folder(click.Path):
    """A folder, there or to be made; never the empty word, which would silently be the current folder."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("found ''. allowed: the path of a folder, '.' for this one", param, ctx)
        return super().convert(value, param, ctx)


def overriding(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that loads a file. Both come to it as `sets` (see `scenarios.files.overrides`)."""

    @wraps(command)
    def called(*args: Any, sets: tuple[str, ...], scales: tuple[str, ...], **options: Any) -> Any:
        if scales:
            from scenarios.files.overrides import scaled

            sets = (*sets, *map(scaled, scales))
        return command(*args, sets=sets, **options)

    once = "Override one value of the scenario, or of its network as network.a.b=v; repeatable."
    times = "Multiply what stands there; * is every one: network.warehouses.*.replenish.*.s=1.2."
    scaling = click.option("--scale", "scales", multiple=True, metavar="a.b=factor", help=times)
    return click.option("--set", "sets", multiple=True, metavar="a.b=v", help=once)(scaling(called))
