"""What a decision moved and the sites it weighed, in words."""

import re
from collections.abc import Iterator

from scenarios.answers.explain.facts import Facts, Row, options_of
from scenarios.answers.wording import exact_money, listed, pieces, span

NO_MAKER = "does not make item"  # the engine's words
_STOCK = re.compile(r"(\d[\d,]*) in stock")
_NTH_DAY = re.compile(r"(?<=ends on day )(\d+)")  # the engine counts days from 1, moments count from 0
_TRANSIT = re.compile(r"transit (.+?)$")


def is_supply(move: Row) -> bool:
    """Whether a move makes or takes goods for stock: its options are priced per 100 pieces and timed from now."""
    return move.get("kind") in ("reroute", "transfer") and "options" in move and "options_of" not in move


def move_said(facts: Facts, move: Row) -> str:
    """One move in a sentence; a move for stock says what it replaces and what it adds."""
    what = f"{pieces(move['quantity'])} of {move['item']}"
    if not is_supply(move):
        return f"{what} from {move['from']} to {move['to']}" if move.get("from") else f"{what} to {move['to']}"
    how = f"made at {move['to']}" if move["kind"] == "reroute" else f"from the stock of {move['to']}"
    said = f"{what} {how} for {move.get('target', '')} ({move.get('new_order') or move['order']})"
    replaced = [(r["order"], int(r["quantity"])) for r in move.get("replaces", [])]
    rest = move["quantity"] - sum(n for _, n in replaced)
    if not replaced:
        return f"{said}, besides what is on order"
    if rest <= 0 and len(replaced) == 1:
        return f"{said} instead of {_replaced(facts, move, replaced[0][0])}"
    each = listed([f"{n:,} of them instead of {_replaced(facts, move, order)}" for order, n in replaced])
    return f"{said}: {each}" + (f", {rest:,} more" if rest > 0 else "")


def _replaced(facts: Facts, move: Row, name: str) -> str:
    order = facts.orders.get(name, {})
    source = order.get("first_site") or order.get("site") or move.get("from", "")
    return f"{name} from {source}" if source else name


def gives(move: Row, option: Row) -> int:
    """Pieces the site could give at most; the move's whole quantity when it makes the item or has them in stock."""
    why, wanted = str(option.get("why", "")), int(move["quantity"])
    found = _STOCK.search(why)
    if not is_supply(move) or found is None or "is free in" in why:
        return wanted
    return min(wanted, int(found.group(1).replace(",", "")))


def can(move: Row, option: Row) -> str:
    """`yes`, `no`, or what the site could give: `42 of 2,250 in stock`."""
    if not option.get("feasible"):
        return "no"
    least = gives(move, option)
    return "yes" if least >= move["quantity"] else f"{least:,} of {move['quantity']:,} in stock"


def option_why(facts: Facts, move: Row, option: Row) -> str:
    """The engine's reason with the item's name and money as people read it."""
    why = _NTH_DAY.sub(lambda m: str(max(int(m.group(1)) - 1, 0)), str(option.get("why", "")))
    return facts.money(why).replace(NO_MAKER, f"does not make {move['item']}")


def option_said(facts: Facts, move: Row, option: Row) -> str:
    """One site as an option of one move, in words."""
    why = option_why(facts, move, option)
    if not option.get("feasible"):
        return f"cannot: {why}"
    cost = exact_money(option_cost(move, option), facts.run.currency)
    chosen = "chosen, " if option.get("chosen") else ""
    part = f"only {can(move, option)}, " if gives(move, option) < move["quantity"] else ""
    return f"{chosen}{part}{cost}, {option_timing(move, option)} ({why})"


def option_cost(move: Row, option: Row) -> int:
    """Minor units of freight and handling for the pieces that this option could give."""
    cost = int(option.get("cost_minor", 0))
    return round(cost * gives(move, option) / 100) if is_supply(move) else cost


def option_timing(move: Row, option: Row) -> str:
    """When: of a move for stock the time until its first pieces are there, else how late the order would be."""
    late = option.get("late_ms")
    if late is None:
        return "-"
    if not is_supply(move):
        return f"{span(late)} late" if late > 0 else "on time"
    stock, transit = _STOCK.search(str(option.get("why", ""))), _TRANSIT.search(str(option.get("why", "")))
    if stock and transit and int(stock.group(1).replace(",", "")) >= move["quantity"]:
        return f"from stock after {transit.group(1)}"
    return f"first pieces after {span(late)}"


def weighed(decision: Row, moves: list[Row]) -> Iterator[tuple[Row, Row]]:
    """(move, option) of every site that the decision weighed for the moves."""
    for move in moves:
        for option in options_of(decision, move):
            yield move, option
