"""The scenario file, key by key: the run, what goes wrong, who approves what, and what it is held against."""

from typing import Annotated

from pydantic import Field

from plants import definition as d
from scenarios.files.fields import (
    AutoBelow,
    Count,
    Duration,
    Factor,
    Id,
    Instant,
    Limit,
    Part,
    Seed,
    Share,
    SomeTime,
    Start,
    Text,
    TimeLaw,
    Version,
    Warmup,
    Ways,
    one_of,
)
from sync.vocabulary.policy import ACTIONS, Approval

# kind -> its extra keys; `for` is listed where it applies, the keys in NEEDED must be given
KINDS: dict[str, tuple[str, ...]] = {
    "plant-down": ("for",),
    "line-down": ("for",),
    "machine-down": ("for",),
    "site-closed": ("for",),
    "supplier-down": ("for",),
    "plant-slow": ("factor", "for"),
    "line-slow": ("factor", "for"),
    "lane-slow": ("factor", "for"),
    "lane-closed": ("goods", "via", "for"),
    "supplier-late": ("item", "by", "for"),
    "demand-change": ("item", "factor", "for"),
    "quality-hold": ("item", "lots", "disposition", "decided_after"),
    "labour-absence": ("share", "for"),
    "stock-loss": ("item", "share"),
    "system-down": ("for",),
    "channel": (
        "message", "delay", "loses", "duplicates", "reorders", "corrupts", "wrong_code", "clock_skew", "for",
    ),
}  # fmt: skip
NEEDED: dict[str, tuple[str, ...]] = {
    "plant-slow": ("factor",),
    "line-slow": ("factor",),
    "lane-slow": ("factor",),
    "supplier-late": ("by",),
    "demand-change": ("factor",),
    "quality-hold": ("item",),
    "labour-absence": ("share",),
    "stock-loss": ("item", "share"),
}
GOODS = ("hold", "divert", "return", "lose")


class AfterPart(Part):
    """What sets a disruption off."""

    id: Id = Field(description="The disruption that sets this one off.")
    delay: TimeLaw | None = Field(None, description="Time after the start of that one (0 when left out).")
    probability: Share = Field(1.0, description="How likely it is.")


class DisruptionPart(Part):
    """Something that goes wrong."""

    id: Id = Field(description="Name of the disruption, unique in the file.")
    kind: Annotated[str, *one_of(*KINDS)] = Field(description="What goes wrong.")
    target: Text = Field(description="Where: lyon, lyon.L1, lyon.L1.press, lyon.mes, or a lane lyon>dc-west.")
    at: Instant | None = Field(None, description="When it begins, since the start (14d 08:00); needed unless `after`.")
    after: AfterPart | None = Field(None, description="Another disruption that sets it off.")
    for_: TimeLaw | None = Field(None, alias="for", description="How long it lasts; to the horizon when left out.")
    until: Id | None = Field(None, description="A disruption with whose end this one ends.")
    factor: Factor | None = Field(
        None, description="plant-slow, line-slow, lane-slow, demand-change: new speed or demand as a share of normal."
    )
    goods: Annotated[str, *one_of(*GOODS)] | None = Field(
        None, description="lane-closed: what happens to goods on the way (hold)."
    )
    via: Text | None = Field(None, description="lane-closed with goods: divert: the lane they take.")
    item: Id | None = Field(None, description="supplier-late, demand-change, quality-hold, stock-loss: the item.")
    by: TimeLaw | None = Field(None, description="supplier-late: how much later deliveries are.")
    lots: Count | None = Field(
        None, description="quality-hold: how many of the newest lots are held; all when left out."
    )
    disposition: Annotated[str, *one_of("release", "rework", "scrap")] | None = Field(
        None, description="quality-hold: what is decided in the end (release)."
    )
    decided_after: TimeLaw | None = Field(None, description="quality-hold: time to the decision.")
    share: Share | None = Field(None, description="labour-absence, stock-loss: the share that is absent or lost.")
    message: Text | None = Field(None, description="channel: message type; all when left out.")
    delay: TimeLaw | None = Field(None, description="channel: delay of a message.")
    loses: Share | None = Field(None, description="channel: share of messages lost.")
    duplicates: Share | None = Field(None, description="channel: share of messages sent twice.")
    reorders: Share | None = Field(None, description="channel: share of messages overtaken.")
    corrupts: Share | None = Field(None, description="channel: share of messages damaged.")
    wrong_code: Share | None = Field(None, description="channel: share of messages with an unknown item code.")
    clock_skew: Duration | None = Field(None, description="channel: how far the sender's clock is ahead.")


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
    disruptions: list[DisruptionPart] = Field([], description="What goes wrong.")
    policy: PolicyPart = Field(PolicyPart(), description="Who must approve what.")
    thresholds: dict[str, Limit] = Field({}, description="KPI -> operator and number.", examples=[{"otif": ">= 95%"}])
