"""A scenario served live: assembled here, made to run on the wall clock by `bridges.serve`, which knows no plant."""

from bridges.serve.options import Options, Served
from bridges.serve.serving import serve
from bridges.serve.twin import Subject
from bridges.wire.codec import since_epoch_ms
from bridges.wire.narration import Say
from plants.definition import ScenarioSpec
from plants.errors import InvariantViolation
from scenarios.twin.assembly import assemble
from scenarios.twin.masterdata import start_of


def subject_of(scenario: ScenarioSpec) -> Subject:
    """What a bridge is told of a scenario."""
    return Subject(
        scenario=scenario.id,
        enterprise=scenario.network.id,
        start_epoch_ms=since_epoch_ms(start_of(scenario)),
        warmup_s=scenario.warmup_s,
        horizon_s=scenario.horizon_s,
        fatal=(InvariantViolation,),
    )


def serve_scenario(
    scenario: ScenarioSpec, options: Options, *, seed: int | None = None, disruptions: bool = True, feed: Say = print
) -> Served:
    """Serve the synced way of `scenario` (seed None: its own). Raises as `bridges.serve.serving.serve` does, and
    InvariantViolation."""
    chosen = scenario.seed if seed is None else seed
    return serve(
        lambda: assemble(scenario, "synced", chosen, engine=options.engine, disruptions=disruptions),
        subject_of(scenario),
        options,
        feed,
    )
