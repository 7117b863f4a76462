"""Environment variables that look like ours and are none: said once, since nobody notices a misspelt one otherwise."""

import os
from collections.abc import Iterator

import click

OTHERS = (
    *("PLANTSYNC_DEBUG", "PLANTSYNC_MQTT_USERNAME", "PLANTSYNC_MQTT_PASSWORD", "PLANTSYNC_DATA"),
    *("PLANTSYNC_FLOOR", "PLANTSYNC_REQUIRE_COMPILED"),  # read by sim.ahead.active and by setup.py
)
SHOWN = 10


def known(front: click.Group) -> list[str]:
    """Every variable that is read: one per option, and those without an option."""
    context = click.Context(front)
    commands = (front.get_command(context, name) for name in front.list_commands(context))
    return [*OTHERS, *(name for command in commands if command for name in _of(command))]


def _of(command: click.Command) -> Iterator[str]:
    for param in command.params:
        if isinstance(param.envvar, str):
            yield param.envvar
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from _of(below)


def warn_of_unknown(front: click.Group) -> None:
    """One line on stderr for each PLANTSYNC_* variable that nothing reads, with the nearest that is."""
    import difflib

    ours = sorted(name for name in os.environ if name.startswith("PLANTSYNC_") and name not in OTHERS)
    if not ours:
        return  # the commands are imported to know their options, which takes a moment
    names = known(front)
    strange = [name for name in ours if name not in names]
    for name in strange[:SHOWN]:
        close = difflib.get_close_matches(name, names, 1, 0.6)
        guess = f". did you mean '{close[0]}'?" if close else ""
        click.echo(f"warning: nothing reads the environment variable {ascii(name)[1:-1]}{guess}", err=True)
