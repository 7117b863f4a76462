"""What became of an order: said in a sentence, and its own way in the chain, shipment by shipment."""

from scenarios.answers.explain.explanation import Link
from scenarios.answers.explain.facts import Facts, Row, is_given_up
from scenarios.answers.wording import exact_money, pieces, plural, span, when

PARTS = 6  # shipments of one order told: the first and the last of them
TOLD_OF = {  # what a supplier says of a purchase: the key with the instant, and how it is told
    "supplier.acknowledged": ("promised_ms", "to be ready"),
    "asn.delayed": ("eta_ms", "to be ready"),
    "asn.sent": ("eta_ms", "to arrive"),
}


def outcome(facts: Facts, order: Row) -> str:
    """`It was delivered day 3 10:00; due day 2 10:00: 24.0 h late, which cost 12.50 EUR.`"""
    due, done, late = order.get("due_ms", -1), order.get("done_ms", -1), order.get("late_ms", 0)
    gone = order.get("cancelled_ms", -1)
    if gone >= 0 and done < 0 and order.get("cancelled") == order["quantity"]:
        return f"It was {_gone_how(order)} {when(gone)}."
    state = f"{_state(facts, order)}{_of_it_gone(order)}"
    if due < 0:
        return f"{state}."
    late = max(late, 0, (done if done >= 0 else facts.rep.horizon_ms) - due)
    if not late:
        return f"{state}; due {when(due)}: {'on time' if done >= 0 else 'not yet late'}."
    cost = order.get("late_cost_minor") or 0
    return f"{state}; due {when(due)}: {span(late)} late" + (
        f", which cost {exact_money(cost, facts.run.currency)}." if cost else "."
    )


def _gone_how(order: Row) -> str:
    if order.get("lost"):
        return "written off"
    return "taken back" if order["kind"] == "customer" else "cancelled"


def _of_it_gone(order: Row) -> str:
    gone = order.get("cancelled") or 0
    if not gone:
        return ""
    if order["kind"] == "production":  # scrap, or taken back before it was made
        return f", {order.get('delivered') or 0:,} of {pieces(order['quantity'])}" if order["done_ms"] >= 0 else ""
    return f", {pieces(gone)} of it {_gone_how(order)}"


def _state(facts: Facts, order: Row) -> str:
    done, left, made = order.get("done_ms", -1), order.get("left_ms", -1), order["kind"] == "production"
    if order.get("missing"):
        return f"{pieces(order['missing'])} of it were missing at the end of the run"
    if done >= 0:
        return f"It was {'completed' if made else 'delivered'} {when(done)}"
    if left >= 0 and not made:
        return f"It left {when(left)} and was still under way at the end of the run"
    there, on_way = order.get("delivered") or 0, order.get("under_way") or 0
    if made:
        so_far = f"; {there:,} of {pieces(order['quantity'])} were made" if there else ""
        return f"It was not completed by the end of the run{so_far}"
    parts = [f"{n:,} of {pieces(order['quantity'])} were {how}" for n, how in
             ((there, "delivered"), (on_way, "under way")) if n]  # fmt: skip
    return "; ".join([f"It had not left {'whole ' if parts else ''}by the end of the run", *parts])


def gone_links(facts: Facts, order: Row) -> list[Link]:
    """What its supplier told of it, how it left and came, its end, and when it was due if the run came to that."""
    name, target = order["order"], order["target"]
    links = _told_of(facts, order) if order["kind"] == "purchase" else []
    parts = _parts(facts, order)
    links += parts
    last = f"the last of {name}" if parts else name
    if order["left_ms"] >= 0 and order["kind"] != "production":
        links.append(Link(order["left_ms"], order["site"], f"{last} leaves for {target}"))
    if order["done_ms"] >= 0:
        done = f"{name} is completed" if order["kind"] == "production" else f"{last} reaches {target}"
        links.append(Link(order["done_ms"], order["line"] or target or order["site"], done))
    gone = order.get("cancelled_ms", -1)
    last_day = gone if is_given_up(order) else facts.rep.horizon_ms
    if is_given_up(order):
        links.append(Link(gone, order.get("customer") or "erp", f"{name} is {_gone_how(order)}"))
    if 0 <= order.get("due_ms", -1) <= last_day:
        late = order["done_ms"] < 0 or order["done_ms"] > order["due_ms"]
        links.append(Link(order["due_ms"], target or "erp", f"{name} is due" + (": missed" if late else "")))
    return links


def _parts(facts: Facts, order: Row) -> list[Link]:
    """The shipments of an order that went in several, each with its pieces; the last as the order's."""
    of = facts.shipments_of.get(order["order"], [])
    left = order["left_ms"] >= 0
    if len(of) < 2 and left:
        return []
    told = of if len(of) <= PARTS else [*of[: PARTS // 2], *of[-(PARTS // 2) :]]
    links = []
    for n, s in enumerate(told):
        between = f" ({plural(len(of) - PARTS, 'shipment')} between)" if len(of) > PARTS and n == PARTS // 2 else ""
        what = f"{pieces(s['quantity'])} of {s['order']}"
        if not left or s is not of[-1]:
            links.append(Link(s["departed_ms"], s["source"], f"{what} leave for {s['target']}{between}"))
        if s["received_ms"] >= 0 and s["received_ms"] != order["done_ms"]:
            links.append(Link(s["received_ms"], s["target"], f"{what} reach {s['target']}"))
    return links


def _told_of(facts: Facts, order: Row) -> list[Link]:
    links = []
    for m in facts.messages:
        if m["subject"] == order["order"] and m["type"] in TOLD_OF:
            links.append(Link(m["time_ms"], m["source"], f"publishes {m['type']} {m['subject']}{expected(facts, m)}"))
    return links


def expected(facts: Facts, message: Row) -> str:
    """What a supplier's message expects: `, to be ready day 17 13:18`; empty of other messages."""
    key, said = TOLD_OF.get(message["type"], ("", ""))
    at = facts.data(message).get(key, -1) if key else -1
    return f", {said} {when(at)}" if at >= 0 else ""
