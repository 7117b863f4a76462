"""`import`: a command for each importer, its options and their help made of the importer's own declaration."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any, NoReturn

import click

from console.answer import tell
from console.values import Folder
from plants.errors import ExtensionError
from plants.extensions import offered
from scenarios.importers.registry import GROUP, Importer, importers, refused


@click.group(name="import")
def import_() -> None:
    """Start from data: turn a data set into a network file and scenarios."""


def command_of(importer: Importer) -> click.Command:
    """The command of an importer."""

    def run(src: Path, out: Path, **options: Any) -> None:
        for path in importer.run(src, out, importer.options(**options)):
            tell(path)

    source = click.Argument(["src"], type=Folder())
    out = click.Option(["-o", "--out"], type=Folder(), required=True, help="Folder to write.")
    options = [_option(field) for field in fields(importer.options)]
    about = f"{importer.about}\n\nSRC: {importer.source}."
    return click.Command(importer.name, params=[source, out, *options], callback=run, help=about)


def _option(field: "Field[Any]") -> click.Option:
    said = field.metadata
    kind: Any = str
    if said["choices"]:
        kind = click.Choice(said["choices"])
    elif said["least"] is not None or said["most"] is not None:
        kind = click.IntRange(said["least"], said["most"])
    flag = f"--{field.name.replace('_', '-')}"
    return click.Option([flag], type=kind, default=field.default, show_default=True, help=said["text"])


def refusing(name: str, fault: ExtensionError) -> click.Command:
    """The command of an importer that cannot be used: whatever is asked of it, it says why."""

    def run(words: tuple[str, ...]) -> NoReturn:
        raise fault

    anything = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    lenient = {"ignore_unknown_options": True}
    return click.Command(
        name, params=[anything], callback=run, context_settings=lenient, add_help_option=False, short_help=str(fault)
    )


faults = {fault.source: fault for fault in refused()}
for offer in offered(GROUP):
    if fault := faults.get(str(offer)):
        import_.add_command(refusing(offer.point.name, fault))
for found in importers().values():
    import_.add_command(command_of(found))
