"""Kinds of option values that several commands share."""

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
