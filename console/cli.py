"""The front door: `plantsync COMMAND`. A table of commands, each imported when it is called and not before."""

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from console.answer import answering, leave, silent, take_over
from console.failures import guarded
from sync.vocabulary.errors import Refused

PREFIX = "PLANTSYNC_"
DEBUG = "PLANTSYNC_DEBUG"
COMPLETION = "_PLANTSYNC_COMPLETE"
ON, OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")

# command: (module, attribute, one line for --help)
COMMANDS = {
    "demo": ("console.commands.run", "demo", "A built-in story end to end, narrated; nothing to install or start."),
    "run": ("console.commands.run", "run", "Simulate a scenario, in one or several ways of working."),
    "compare": ("console.commands.run", "compare", "Compare runs, paired on common random numbers."),
    "kpis": ("console.commands.places", "kpis", "The KPIs of a run by customer, item, plant, lane and so on."),
    "explain": ("console.commands.run", "explain", "Why an order was late, moved or never served; why a decision."),
    "init": ("console.commands.files", "init", "Start from a template."),
    "import": ("console.commands.imports", "import_", "Start from data."),
    "export": ("console.commands.exports", "export", "Take a run's tables, or a network's, along as CSV or xlsx."),
    "check": ("console.commands.files", "check", "Validate files and the network's logic."),
    "schema": ("console.commands.files", "schema", "Print a JSON Schema."),
    "serve": ("console.commands.live", "serve", "A live twin on OPC UA and MQTT."),
    "engine": ("console.commands.live", "engine", "The sync engine alone, behind MQTT."),
    "live": ("console.commands.live", "live", "Watch what a running twin publishes."),
    "inject": ("console.commands.live", "inject", "Disturb a running twin."),
    "bench": ("console.commands.bench", "bench", "Measure against other simulators (in a source checkout)."),
    "verify": ("console.commands.verify", "verify", "Compare the simulator with exact answers."),
    "doctor": ("console.commands.about", "doctor", "Check that everything needed is here."),
    "version": ("console.commands.about", "version", "Print the version."),
}


class Front(click.Group):
    """A group that knows its commands by a table and imports one only to run it (or to print its own help)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        with silent():
            command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        name_environment(command, f"PLANTSYNC_{cmd_name.upper()}")
        return answering(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, 1, 0.6)
            guess = f" did you mean '{close[0]}'?" if close else f" there are {', '.join(COMMANDS)}."
            raise click.UsageError(f"no command '{args[0]}'.{guess}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


def name_environment(command: click.Command, prefix: str) -> None:
    """Give every option the environment variable that its flag says: `run --fail-if` is PLANTSYNC_RUN_FAIL_IF."""
    for param in command.params:
        flags = [flag for flag in param.opts if flag.startswith("--")] if isinstance(param, click.Option) else []
        if flags:
            param.envvar = f"{prefix}_{flags[0][2:].upper().replace('-', '_')}"
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            name_environment(below, f"{prefix}_{name.upper()}")


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, envvar="PLANTSYNC_DEBUG", help="Show tracebacks of internal errors.")
@click.version_option(package_name="plantsync", message="plantsync %(version)s")
def cli(debug: bool) -> None:
    """Simulate plants and the systems that describe them, disturb them, and see what synchronisation is worth.

    Start with `plantsync demo`. Every option may also come from the environment: PLANTSYNC_RUN_SEED=7 is
    `plantsync run --seed 7`.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # started with it closed: its descriptor must not become some file's
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot write ± shows ?
    if arguments is None:  # the program itself, not a caller in Python
        take_over()
    debug = "--debug" in args[:1]
    if args in ([], ["--debug"]):
        args.append("--help")
    code = guarded(lambda: _invoke(args), debug or _debugging())
    if arguments is None:
        leave()
    sys.exit(code)


def _invoke(args: list[str]) -> int | None:
    if any(name.startswith(PREFIX) and name != DEBUG for name in os.environ):
        from console.environment import warn_of_unknown

        warn_of_unknown(cli)
    if os.environ.get(DEBUG, "").casefold() in OFF:
        os.environ.pop(DEBUG, None)  # workers ask only whether it is there
    elif not _debugging():
        raise Refused(f"{DEBUG}: found '{os.environ[DEBUG]}'. allowed: 1, true, yes, on, 0, false, no, off")
    if COMPLETION in os.environ:  # a shell asks for the words that may follow
        cli.main(args, prog_name="plantsync", complete_var=COMPLETION)
    try:  # what click's own main does, but for a closed pipe: there it leaves with 1
        with cli.make_context("plantsync", list(args), obj=args) as context:
            code: int | None = cli.invoke(context)
            return code
    except click.exceptions.Exit as leave:
        return leave.exit_code


def _debugging() -> bool:
    return os.environ.get(DEBUG, "").casefold() in ON


if __name__ == "__main__":
    main()
