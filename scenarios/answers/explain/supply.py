"""What an order waited for, as the ledger has it: which transfers brought goods before it left, and which were late."""

from scenarios.answers.explain.explanation import Link
from scenarios.answers.explain.facts import Facts, Row, things_of
from scenarios.answers.explain.planners import first_source
from scenarios.answers.wording import pieces
from sync.vocabulary.messages import ENGINE

TOLD = 2  # shipments told per transfer


def supply_links(facts: Facts, order: Row, supply: list[Row]) -> list[Link]:
    """How each of the orders behind it was raised, made, shipped and received; nothing after the order had left."""
    end = facts.until(order)
    links = []
    for s in supply:
        where = (s["line"] or s["site"]) if s["kind"] == "production" else f"{s['site']} for {s['target']}"
        raised = f"raises {s['order']}: {pieces(s['quantity'])} of {s['item']} at {where}"
        links.append(Link(s["ordered_ms"], ENGINE if s.get("by") == ENGINE else "erp", raised))
        if s["kind"] == "production":
            links.append(Link(s["done_ms"], s["line"] or s["site"], f"{s['order']} is completed"))
        else:
            links += _shipped(facts, s, end)
    return [link for link in links if 0 <= link.time_ms <= end]


def _shipped(facts: Facts, transfer: Row, end: int) -> list[Link]:
    """The last shipments of a transfer that arrived until `end`: when they left and arrived."""
    name, site, target = transfer["order"], transfer["site"], transfer["target"]
    legs = [leg for leg in facts.legs.get(name, []) if leg["time_ms"] <= end]
    arrived = [leg for leg in legs if leg["to"] == f"stock:{target}"]
    links = []
    for n, leg in enumerate(arrived[-TOLD:]):
        before = len(arrived) - TOLD
        more = f" ({before} shipments came before)" if before > 1 and not n else ""
        said = f"{name} arrives at {target}: {pieces(leg['quantity'])}{more}"
        links.append(Link(leg["time_ms"], target, said))
        left = [x for x in legs if x["lot"] == leg["lot"] and x["to"].startswith("transit:") and ">" in x["to"]]
        if left and leg["lot"]:
            said = f"{name} leaves {site} for {target}: {pieces(leg['quantity'])}"
            links.append(Link(left[0]["time_ms"], site, said))
    return links


def waited_on(facts: Facts, order: Row) -> list[Row]:
    """Transfers of its item to its site that were open while it waited: they would have served it."""
    if order["kind"] != "customer" or order["left_ms"] == order["ordered_ms"]:
        return []
    begin, end = order["ordered_ms"], facts.until(order)
    return [
        o
        for o in facts.transfers_to.get((order["site"], order["item"]), [])
        if o["ordered_ms"] <= end and (o["done_ms"] < 0 or o["done_ms"] >= begin)
    ]


def trouble(facts: Facts, order: Row, supply: list[Row]) -> list[Row]:
    """Disruptions that were on while the order, or a transfer it waited for, depended on their target; also of the
    source that a transfer was called away from."""
    found: dict[str, Row] = {}
    last = facts.until(order)
    for o in [order, *supply, *waited_on(facts, order)]:
        end = max(o["done_ms"], o["left_ms"], o.get("cancelled_ms", -1))
        end = facts.rep.horizon_ms if end < 0 else end
        things = things_of(o) | ({first_source(facts, o)} - {""} if o["kind"] == "transfer" else set())
        for d in facts.disruptions_of(things, o["ordered_ms"], end if o is order else min(end, last), o):
            found.setdefault(d["id"], d)
    return list(found.values())
