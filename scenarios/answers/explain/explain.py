"""Explain: why an order was late, moved or never served, and why a decision was taken, from what a run recorded.

The answer is a chain - when, who knew, what - then what else could have been done at what cost, and what would have to
change. It tells only what the run recorded or what the network's files say; it never simulates again.
"""

import difflib

from scenarios.answers.explain.decision import explain_decision
from scenarios.answers.explain.explanation import Explanation
from scenarios.answers.explain.facts import Facts
from scenarios.answers.explain.order import explain_order
from scenarios.answers.wording import plural
from scenarios.errors import UnknownName
from scenarios.runs.results import RunResult


def explain(run: RunResult, name: str, *, way: str = "synced", rep: int = 0, why_not: str | None = None) -> Explanation:
    """Explain an order (customer, transfer, production, purchase) or a decision. Raises UnknownName."""
    try:
        facts = Facts(run, run.replication(way, rep))
    except LookupError as fault:
        hint = f". add --way {next(iter(run.ways))}" if way not in run.ways and run.ways else ""
        raise UnknownName(f"{fault.args[0]}{hint}") from None
    known = {n.casefold(): n for n in [*facts.decisions, *facts.orders]}
    found = known.get(name.casefold())
    if found in facts.decisions:
        return explain_decision(facts, found, why_not)
    if found is not None:
        return explain_order(facts, found, why_not)
    close = difflib.get_close_matches(name.casefold(), known, 1, 0.5)
    guess = f" did you mean '{known[close[0]]}'?" if close else ""
    raise UnknownName(
        f"no order or decision '{ascii(name)[1:-1]}' in {run.id} ({way}, replication {rep}):"
        f" it has {plural(len(facts.orders), 'order')} and {plural(len(facts.decisions), 'decision')}.{guess}"
    )
