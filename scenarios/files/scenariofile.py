"""The scenario file, key by key: the run, what goes wrong, who approves what, and what it is held against."""

from typing import Annotated

from pydantic import Field

from plants import definition as d
from scenarios.files.disruptionfile import WrittenDisruption
from scenarios.files.fields import (
    AutoBelow,
    Count,
    Id,
    Limit,
    Part,
    Seed,
    SomeTime,
    Start,
    Text,
    Version,
    Warmup,
    Ways,
    one_of,
)
from sync.vocabulary.policy import ACTIONS, Approval

APPROVAL = Approval()


class ApprovalPart(Part):
    """Who must approve an action."""

    auto_below: AutoBelow = Field(
        APPROVAL.auto_below_minor, description="Extra cost below which nobody is asked; `always`: never ask."
    )
    by: Text = Field(APPROVAL.by, description="Role that is asked.")
    within: SomeTime | None = Field(
        None, description="The proposal expires then; never when left out.", examples=["1h"]
    )


class PolicyPart(Part):
    """What the engine may do by itself."""

    approvals: dict[Annotated[str, *one_of(*ACTIONS)], ApprovalPart] = Field(
        {},
        description=f"Action ({', '.join(ACTIONS)}) -> rule.",
        examples=[{"reroute": {"auto_below": "20000 EUR", "by": "planner", "within": "1h"}}],
    )


class ScenarioFile(Part):
    """A scenario: one network, one stretch of time, and what goes wrong in it."""

    version: Version = Field(description="Version of the file format.")
    scenario: Id = Field(description="Name of the scenario.", examples=["line-stoppage"])
    title: Text = Field(d.ScenarioSpec.title, description="One sentence for people.")
    network: Text = Field(description="Path of the network file, relative to this file.", examples=["network.yaml"])
    start: Start = Field(
        d.ScenarioSpec.start_local, description="Local date and time of the start, in the network's time zone."
    )
    horizon: SomeTime = Field(description="How long is simulated, e.g. 45d.")
    warmup: Warmup = Field(d.ScenarioSpec.warmup_s, description="Time left out of the measures; auto: found by MSER-5.")
    seed: Seed = Field(d.ScenarioSpec.seed, description="Seed of all random numbers.")
    replications: Count = Field(d.ScenarioSpec.replications, description="Independent repetitions.")
    ways: Ways = Field(d.ScenarioSpec.ways, description="Ways of working to compare.")
    disruptions: list[WrittenDisruption] = Field([], description="What goes wrong.")
    policy: PolicyPart = Field(PolicyPart(), description="Who must approve what.")
    thresholds: dict[str, Limit] = Field({}, description="KPI -> operator and number.", examples=[{"otif": ">= 95%"}])
