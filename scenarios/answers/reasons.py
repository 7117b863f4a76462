"""The engine's codes in words, one function per table of codes: reasons, triggers, approvals, limits, plans.

A decision carries codes and numbers (sync.vocabulary.decisions); here, last, they become sentences. What bridges tell
too (the headline of a decision) is worded in sync.vocabulary.wording.
"""

from collections.abc import Callable
from typing import Any

from scenarios.answers.wording import exact_money, listed, span
from sync.vocabulary import decisions as d
from sync.vocabulary.quantities import MS_PER_DAY

PLANS = {"keep": "keep the plan in force", "greedy": "greedy repair", "solver": "solver plan"}
LATE = "engine: promises later than due in the plan in force"


def plan_said(plan: str) -> str:
    """The name of a whole plan."""
    return PLANS.get(plan, plan)


# --- reasons ----------------------------------------------------------------------------------------------------------
def _queue_ends(reason: d.QueueEnds) -> str:
    if reason.at_ms < 0:
        return "queue beyond the horizon"
    where = f" by {reason.port}" if reason.port else ""
    return f"its queue ends on day {max(-(-reason.at_ms // MS_PER_DAY) - 1, 0)}{where}"


def _can_supply(reason: d.CanSupply) -> str:
    parts = [f"{reason.stock} in stock"] if reason.stock else []
    parts += [f"{reason.line} is free in {span(reason.ready_ms)}"] if reason.line else []
    return "; ".join([*parts, f"transit {span(reason.transit_ms)}"])


# the reason, the item it is about, the customer it is about ("" as the reason has it) -> words
_REASONS: dict[type, Callable[[Any, str, str], str]] = {
    d.NotMade: lambda r, item, customer: f"does not make {item}",
    d.NoneInStock: lambda r, item, customer: "none in stock",
    d.NoRoute: lambda r, item, customer: "no open route",
    d.NotAllowed: lambda r, item, customer: f"may not deliver to {customer or r.customer} (VMI)",
    d.LineDown: lambda r, item, customer: f"line {r.line} down until day {r.until_ms // MS_PER_DAY}",
    d.NoCapacity: lambda r, item, customer: "no capacity left",
    d.QueueEnds: lambda r, item, customer: _queue_ends(r),
    d.CanSupply: lambda r, item, customer: _can_supply(r),
}


def reason_said(reason: d.Reason, item: str, customer: str = "") -> str:
    """Why a place cannot serve `item`, or how it could. customer: said instead of the reason's own."""
    return _REASONS[type(reason)](reason, item, customer)


def unservable_said(found: d.Unservable, item: str = "", customer: str = "") -> str:
    """Why no place can serve an order; `item` and `customer` are said instead of its own, so that equal reasons can be
    counted: `only lyon makes their product: lyon: no open route`."""
    item = item or found.item
    if not found.sites:
        return f"no plant makes {item}"
    one = len(found.sites) == 1
    makers = ", ".join(s.site for s in found.sites)
    reasons = "; ".join(f"{s.site}: {reason_said(s.reason, item, customer)}" for s in found.sites)
    return f"{'only ' if one else ''}{makers} make{'s' if one else ''} {item}: {reasons}"


# --- triggers ---------------------------------------------------------------------------------------------------------
def _stopped(t: d.Trigger) -> str:
    expected = f"expected {span(t.expected_ms)}" if t.expected_ms >= 0 else "end unknown"
    return f"{t.source}: {t.type} {t.target}, {expected}"


def _resumed(t: d.Trigger) -> str:
    now = {"line.slowed": "at full speed again", "line.stopped": "held by a broken machine only"}
    return f"{t.source}: {t.type} {t.target}, {now.get(t.type, 'running again')}"


def _refused(t: d.Trigger) -> str:
    return f"{t.source}: {t.type} {t.subject} {t.status}: {t.reason}"


def _late(t: d.Trigger) -> str:
    return f"{LATE} (last said: {t.source}: {t.type} {t.subject})" if t.message else LATE


_TRIGGERS: dict[str, Callable[[d.Trigger], str]] = {
    "line-stopped": _stopped,
    "line-slowed": lambda t: f"{t.source}: {t.type} {t.target}, at {t.factor_ppm // 10_000} % of its speed",
    "line-resumed": _resumed,
    "lane-closed": _stopped,
    "lane-opened": lambda t: f"{t.source}: {t.type} {t.target}, open again",
    "command-refused": _refused,
    "orders-late": _late,
}


def trigger_said(trigger: d.Trigger) -> str:
    """What made the engine look."""
    return _TRIGGERS[trigger.code](trigger)


# --- approvals and limits ---------------------------------------------------------------------------------------------
def approval_said(need: d.ApprovalNeed, currency: str) -> str:
    """Why somebody had to agree, or nobody."""
    if need.code == "always_automatic":
        return f"{need.action} is always automatic"
    if need.code == "always_asked":
        return f"every {need.action} needs {need.by}"
    extra, limit = exact_money(need.extra_cost_minor, currency), exact_money(need.auto_below_minor, currency)
    below = "is not below" if need.code == "above_limit" else "is below"
    return f"extra cost {extra} {below} the limit of {limit} for {need.action}"


_LIMITS: dict[str, tuple[Callable[[d.Binding, int], str], str]] = {
    "line": (lambda b, day: f"{b.place} on day {day}", "hour of the line"),
    "stock": (lambda b, day: f"stock {b.item} at {b.place}", "piece in stock"),
    "on_order": (lambda b, day: f"{b.item} due at {b.place} on day {day}", "piece on order"),
    "components": (lambda b, day: f"{b.item} at {b.place}", "100 pieces"),
}


def binding_said(binding: d.Binding, currency: str) -> str:
    """A limit that was full: `porto.L1 on day 16 is full: one hour of the line more saves 2,400 EUR`."""
    named, unit = _LIMITS[binding.kind]
    worth = exact_money(binding.saves_minor, currency)
    return f"{named(binding, binding.at_ms // MS_PER_DAY)} is full: one {unit} more saves {worth}"


def not_made_said(sites: list[str], item: str) -> str:
    """`lyon and brno do not make GEARBOX-A.`"""
    return f"{listed(sites, 30)} {'does' if len(sites) == 1 else 'do'} not make {item}."
