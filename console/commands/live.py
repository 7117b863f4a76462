"""Commands about a live twin: `serve`, `engine`, `live`, `inject`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from console.answer import tell
from console.values import SEED, Folder, overriding
from sync.vocabulary.errors import Refused
from sync.vocabulary.quantities import MS_PER_DAY

if TYPE_CHECKING:
    from plants.disruptions.kind import Kind

F = TypeVar("F", bound=Callable[..., Any])

STATE = click.option(
    "--state", "state_dir", type=Folder(), default=Path(".plantsync"),
    show_default=True, help="Folder with serve.json: where the twin is and how to log in.",
)  # fmt: skip


def _broker(variable: str) -> Callable[[F], F]:
    """`--broker`; its help names the environment variable, because a command line is there for every user to read."""
    text = (
        "mqtt[s]://[user@]host:port of a broker that runs. A URL with a password (mqtts://user:password@host) belongs"
        f" in the environment variable {variable}, since everybody on the machine can read a command line."
    )
    return click.option("--broker", metavar="URL", help=text)


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic only in new versions
    """`3d`, `45min`, `14d 08:00`: seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from scenarios.files.units import instant

        if isinstance(value, float):
            return value
        try:
            return instant(value)
        except Refused as fault:
            self.fail(fault.message, param, ctx)


class Speed(click.ParamType):  # type: ignore[type-arg]  # generic only in new versions
    """`60x` or `60`: virtual seconds per second."""

    name = "speed"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            speed = float(str(value).removesuffix("x"))
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            self.fail(f"'{value}' is no speed; write one such as 60x", param, ctx)
        return speed


@click.command()
@click.argument("scenario")
@click.option("--speed", type=Speed(), default="1x", show_default=True, help="Virtual time per wall time.")
@_broker("PLANTSYNC_SERVE_BROKER")
@click.option("--opcua-port", type=click.IntRange(0, 65535), default=4840, show_default=True, help="0: any free ones.")
@click.option("--http", metavar=":PORT", help="Not yet.")
@click.option("--engine", type=click.Choice(["builtin", "none"]), default="builtin", show_default=True)
@STATE
@click.option("--insecure", is_flag=True, help="No passwords; refused beyond loopback.")
@click.option(
    "--skip",
    "skip_s",
    type=Duration(),
    help="Fast-forward to, as 14d 08:00. [default: the first shift after the warm-up]",
)
@click.option("--until", "until_s", type=Duration(), help="Stop there. [default: the horizon]")
@click.option("--seed", type=SEED, help="[default: the scenario's]")
@click.option("--no-disruptions", is_flag=True, help="Leave the scenario's disruptions out; inject your own.")
@overriding
def serve(
    scenario: str, *, http: str | None, sets: tuple[str, ...], no_disruptions: bool, seed: int | None, **options: Any
) -> None:
    """Run SCENARIO against the clock: OPC UA and MQTT out, commands in, a narrated feed on the terminal.

    It ends at the horizon, at --until, or with Ctrl-C (or SIGTERM): exit code 0 once it serves, 130 before that, while
    it loads, connects and fast-forwards. An invariant of the simulation that breaks ends it with 3.
    """
    if http is not None:
        raise Refused("serve: --http is not there yet; this version serves OPC UA and MQTT")
    from bridges.serve.options import Options
    from scenarios.files.loader import load_scenario
    from scenarios.twin.live import serve_scenario

    loaded = load_scenario(scenario, sets)
    served = serve_scenario(loaded.scenario, Options(**options), seed=seed, disruptions=not no_disruptions, feed=_say)
    _say(
        f"served {served.now_ms / MS_PER_DAY:.2f} d in {served.wall_s:.0f} s: {served.changes:,} changes,"
        f" {served.messages:,} messages, {served.commands:,} commands, {served.refused:,} refused ({served.reason})"
    )


@click.command()
@STATE
@_broker("PLANTSYNC_ENGINE_BROKER")
@click.option("--insecure", is_flag=True, help="Allow a broker without a password.")
def engine(state_dir: Path, broker: str | None, insecure: bool) -> None:
    """Host the sync engine alone: it hears the messages of a twin or of real plants and sends commands back."""
    from bridges.clients.engine import run_engine

    done = run_engine(state_dir, broker, feed=_say, insecure=insecure)
    refused = f" ({done.dead_letters:,} dead letters)" if done.dead_letters else ""
    _say(f"engine ended: {done.reason or 'stopped'}; {done.received:,} messages{refused}, {done.commands:,} commands")


@click.command()
@click.argument("topic", default="")
@click.option("--count", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--for", "wait_s", type=Duration(), help="Stop after that long on the wall clock, as 30s.")
@STATE
def live(topic: str, count: int | None, wait_s: float | None, state_dir: Path) -> None:
    """Print what the twin that is being served publishes: TOPIC with MQTT wildcards, everything when left out.

    `plantsync live '+/+/_cmd/#'` shows the commands, `'+/+/_msg/line.stopped'` the stops.
    """
    from bridges.clients.live import watch

    def show(name: str, payload: bytes) -> None:
        _say(f"{name} {payload.decode('utf-8', 'replace')}")

    watch(state_dir, topic, show, count=count, wait_s=wait_s)


class KnowsKinds(click.Command):
    """A command whose help ends with every kind of disruption that is installed, as it declares itself."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from plants.disruptions.kinds import KINDS

        with formatter.section("Kinds (TARGET: what it may hit; keys for --with, * must be given)"):
            formatter.write_dl([(kind.name, _told(kind)) for kind in KINDS.values()])


def _told(kind: "Kind") -> str:
    """One kind for the help: its sentence, what it hits, its keys."""
    hits = " or ".join(target.removesuffix("s") for target in kind.targets)
    keys = [f"{key.name}{'*' if key.required else ''}" for key in kind.keys] + ([] if kind.lasts else ["no --for"])
    return f"{kind.description} TARGET: {hits}." + (f" Keys: {', '.join(keys)}." if keys else "")


@click.command(cls=KnowsKinds)
@click.argument("kind")
@click.argument("target")
@click.option("--for", "for_s", type=Duration(), help="How long, as 3d. [default: to the end]")
@click.option(
    "--with",
    "extra",
    multiple=True,
    metavar="key=value",
    help="The kind's own keys as in a scenario file: factor=0.5, by=5d; repeatable.",
)
@STATE
def inject(kind: str, target: str, for_s: float | None, extra: tuple[str, ...], state_dir: Path) -> None:
    """Disturb the twin that is being served: `plantsync inject line-down lyon.L1 --for 3d`."""
    from bridges.clients.inject import inject as send

    own: dict[str, Any] = {}
    for key, value in map(_pair, extra):
        if key in own:
            raise Refused(f"inject: --with {key} is given twice")
        own[key] = value
    identity = send(state_dir, kind, target, for_s, **own)
    _say(f"{identity}: {kind} {target} begins now")


def _pair(text: str) -> tuple[str, str]:
    """key, value as written: the twin reads it by the rules of scenario files."""
    key, sign, value = text.partition("=")
    if not sign or not key.isidentifier() or not value.strip():
        raise Refused(f"inject: --with '{text}' is no assignment; write one such as factor=0.5")
    if key in ("wait_s", "for", "for_s"):
        raise Refused(f"inject: --with '{text}': the duration is --for, as --for 3d")
    return key, value


def _say(line: str) -> None:
    tell("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line))
