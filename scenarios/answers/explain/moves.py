"""What a decision moved and the sites it weighed, in words."""

from collections.abc import Iterable, Iterator

from scenarios.answers.explain.facts import Facts
from scenarios.answers.reasons import reason_said
from scenarios.answers.wording import exact_money, listed, pieces, span
from sync.vocabulary.decisions import CanSupply, Decision, Move, NotMade, Option


def move_said(facts: Facts, move: Move) -> str:
    """One move in a sentence; a move for stock says what it replaces and what it adds."""
    what = f"{pieces(move.quantity)} of {move.item}"
    if not move.for_stock:
        return f"{what} from {move.source} to {move.to}" if move.source else f"{what} to {move.to}"
    how = f"made at {move.to}" if move.kind == "reroute" else f"from the stock of {move.to}"
    said = f"{what} {how} for {move.target} ({move.new_order or move.order})"
    rest = move.quantity - sum(r.quantity for r in move.replaces)
    if not move.replaces:
        return f"{said}, besides what is on order"
    if rest <= 0 and len(move.replaces) == 1:
        return f"{said} instead of {_replaced(facts, move, move.replaces[0].order)}"
    each = listed([f"{r.quantity:,} of them instead of {_replaced(facts, move, r.order)}" for r in move.replaces])
    return f"{said}: {each}" + (f", {rest:,} more" if rest > 0 else "")


def _replaced(facts: Facts, move: Move, name: str) -> str:
    order = facts.orders.get(name, {})
    source = order.get("first_site") or order.get("site") or move.source
    return f"{name} from {source}" if source else name


def gives(move: Move, option: Option) -> int:
    """Pieces the site could give at most; the move's whole quantity when it makes the item or has them in stock."""
    stock = _stock(move, option)
    if stock is None or stock.line:
        return move.quantity
    return min(move.quantity, stock.stock)


def _stock(move: Move, option: Option) -> CanSupply | None:
    """How a site with pieces in stock could serve a move for stock; None otherwise."""
    reason = option.reason
    return reason if move.for_stock and isinstance(reason, CanSupply) and reason.stock else None


def can(move: Move, option: Option) -> str:
    """`yes`, `no`, or what the site could give: `42 of 2,250 in stock`."""
    if not option.feasible:
        return "no"
    least = gives(move, option)
    return "yes" if least >= move.quantity else f"{least:,} of {move.quantity:,} in stock"


def makes_none(option: Option) -> bool:
    """Whether the site does not make the item at all."""
    return isinstance(option.reason, NotMade)


def option_said(facts: Facts, move: Move, option: Option) -> str:
    """One site as an option of one move, in words."""
    why = reason_said(option.reason, move.item)
    if not option.feasible:
        return f"cannot: {why}"
    cost = exact_money(option_cost(move, option), facts.run.currency)
    chosen = "chosen, " if option.chosen else ""
    part = f"only {can(move, option)}, " if gives(move, option) < move.quantity else ""
    return f"{chosen}{part}{cost}, {option_timing(move, option)} ({why})"


def option_cost(move: Move, option: Option) -> int:
    """Minor units of freight and handling for the pieces that this option could give."""
    return round(option.cost_minor * gives(move, option) / 100) if move.for_stock else option.cost_minor


def option_timing(move: Move, option: Option) -> str:
    """When: of a move for stock the time until its first pieces are there, else how late the order would be."""
    if not move.for_stock:
        return f"{span(option.late_ms)} late" if option.late_ms > 0 else "on time"
    stock = _stock(move, option)
    if stock is not None and stock.stock >= move.quantity:
        return f"from stock after {span(stock.transit_ms)}"
    return f"first pieces after {span(option.late_ms)}"


def weighed(decision: Decision, moves: Iterable[Move]) -> Iterator[tuple[Move, Option]]:
    """(move, option) of every site that the decision weighed for the moves."""
    for move in moves:
        for option in decision.options_of(move):
            yield move, option
