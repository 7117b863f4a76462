"""`evolve(state, fact)`: one named rule per kind of fact and of message, and nothing else. Rules record; they never
decide.

What is heard waits in the inbox until it is taken in; the engine's own facts have their rules in sync.core.proposals.
Rules are total: an order that is not known yet, a repeat or a message out of order changes what can be known from it
and raises nothing.
"""

from collections.abc import Callable
from typing import Any

from sync.core import outages, proposals
from sync.core.facts import Announced, Answered, DeadLettered, Fact, Heard, Improved, Started, TakenIn
from sync.core.state import (
    CustomerOrder,
    Past,
    ProductionOrder,
    PurchaseOrder,
    Said,
    Sale,
    Shipment,
    State,
    TransferOrder,
    close,
    remember,
)
from sync.vocabulary import messages as m
from sync.vocabulary.commands import Ack
from sync.vocabulary.quantities import MS_PER_DAY, penalty_per_piece_micro

SALES_WINDOW_MS = 14 * MS_PER_DAY
NEVER = Past(-1)


def evolve(state: State, fact: Fact, now_ms: int) -> State:
    """`state` after `fact`; the same object, changed in place. `now_ms`: when the engine took the fact."""
    state.ended.clear()
    FACTS[type(fact)](state, fact, now_ms)
    return state


# --- what comes in -------------------------------------------------------------------------------------------------
def start(state: State, fact: Started, now_ms: int) -> None:
    state.epoch, state.counter = fact.epoch, fact.counter


def hear(state: State, fact: Heard, now_ms: int) -> None:
    state.inbox.append(fact.message)


def answer(state: State, fact: Answered, now_ms: int) -> None:
    state.inbox.append(fact.ack)


def take_in(state: State, fact: TakenIn, now_ms: int) -> None:
    """Believe everything in the inbox."""
    batch = sorted(state.inbox, key=batch_order)
    state.inbox.clear()
    for news in batch:
        if isinstance(news, Ack):
            proposals.take_ack(state, news, now_ms)
        else:
            believe(state, news, now_ms)


def batch_order(news: m.Message | Ack) -> tuple[int, str, int, str]:
    """Within an instant: messages before answers, each by source; then as their source numbered them."""
    if isinstance(news, Ack):
        return (1, news.source, 0, news.command)
    return (0, news.source, news.sequence, news.id)


def believe(state: State, message: m.Message, now_ms: int) -> None:
    """What a message says is so."""
    rule = RULES.get(m.BODIES[message.type])
    if rule is not None:
        rule(state, m.body_of(message), message, now_ms)


def announce(state: State, fact: Announced, now_ms: int) -> None:
    state.announced = fact.message.sequence


def change_nothing(state: State, fact: DeadLettered | Improved, now_ms: int) -> None:
    """Kept in the journal for people and for what came of it."""


# --- orders ------------------------------------------------------------------------------------------------------
def open_customer_order(state: State, body: m.OrderCreated, message: m.Message, now_ms: int) -> None:
    if body.order in state.orders or body.order in state.closed:
        return
    heard(state, body.site, body.item, message)
    order = CustomerOrder(
        body.order, body.customer, body.item, body.quantity, body.ordered_ms, body.due_ms, body.site,
        body.penalty_minor, body.penalty_per, body.weight_g, body.service, body.carrier, body.port, body.transit_ms,
        left=state.early.pop(body.order, NEVER).pieces,
    )  # fmt: skip
    if order.left >= order.quantity:
        close(state, order.id, now_ms)
    else:
        state.orders[order.id] = order
        if state.make_to_order(order):
            state.news_ms = now_ms if state.news_ms < 0 else state.news_ms
    remember_sale(state, body, now_ms)


def remember_sale(state: State, body: m.OrderCreated, now_ms: int) -> None:
    if state.network.makes(body.site, body.item):
        return
    per_piece = penalty_per_piece_micro(body.penalty_minor, body.penalty_per, body.quantity)
    seen = state.sales.setdefault((body.site, body.item), [])
    lead = body.due_ms - body.ordered_ms - state.network.delivery_ms(body.site, body.customer)
    seen.append(Sale(body.ordered_ms, body.quantity, max(lead, 0), per_piece))
    while seen and seen[0].time_ms < now_ms - SALES_WINDOW_MS:
        seen.pop(0)


def reopen_customer_order(state: State, body: m.OrderReopened, message: m.Message, now_ms: int) -> None:
    """Goods of it were lost: what it lacks is to be sent, as if it were ordered now; it is no new sale."""
    heard(state, body.site, body.item, message)
    state.closed.pop(body.order, None)
    state.orders[body.order] = CustomerOrder(
        body.order, body.customer, body.item, body.quantity, body.ordered_ms, body.due_ms, body.site,
        body.penalty_minor, body.penalty_per, body.weight_g, body.service, body.carrier, body.port, body.transit_ms,
        left=state.early.pop(body.order, NEVER).pieces, frozen=True,
    )  # fmt: skip


def change_customer_order(state: State, body: m.OrderChanged, message: m.Message, now_ms: int) -> None:
    order = state.orders.get(body.order)
    if order is not None and not body.site:  # the customer gave up
        state.orders.pop(order.id)
        close(state, order.id, now_ms)
    elif order is not None:
        if order.site != body.site:
            order.made = False
        order.site, order.port, order.carrier = body.site, body.port, body.carrier


def close_customer_order(state: State, body: m.OrderDelivered, message: m.Message, now_ms: int) -> None:
    order = state.orders.get(body.order)
    if order is None or body.quantity >= order.quantity:
        state.orders.pop(body.order, None)
        close(state, body.order, now_ms)


def open_transfer(state: State, body: m.TransferOrderCreated, message: m.Message, now_ms: int) -> None:
    state.awaited.pop(body.order, None)
    if body.order not in state.transfers and body.order not in state.closed:
        early = state.early.pop(body.order, NEVER).pieces
        state.transfers[body.order] = TransferOrder(
            body.order, body.item, body.quantity, body.source, body.target, body.due_ms, sent=early
        )


def change_transfer(state: State, body: m.TransferOrderChanged, message: m.Message, now_ms: int) -> None:
    transfer = state.transfers.get(body.order)
    if transfer is not None:
        transfer.quantity = max(body.quantity, 0)
        if transfer.received >= max(transfer.quantity, transfer.sent):  # nothing is on the way, nothing will come
            end_transfer(state, transfer, now_ms)


def end_transfer(state: State, transfer: TransferOrder, now_ms: int) -> None:
    """All of it has come, or is no longer asked for: what still counts as on the way does not exist."""
    state.transfers.pop(transfer.id)
    close(state, transfer.id, now_ms)
    for name in [n for n, s in state.shipments.items() if s.order == transfer.id]:
        state.shipments.pop(name)


def open_purchase(state: State, body: m.PurchaseOrderCreated, message: m.Message, now_ms: int) -> None:
    if body.order not in state.purchases and body.order not in state.closed:
        state.purchases[body.order] = PurchaseOrder(body.order, body.item, body.target, body.quantity)


# --- production --------------------------------------------------------------------------------------------------
def release_production(state: State, body: m.ProductionOrderReleased, message: m.Message, now_ms: int) -> None:
    if body.order in state.production or body.order in state.closed:
        return
    state.released += 1
    state.production[body.order] = ProductionOrder(
        body.order, body.site, body.line, body.item, body.quantity, body.quantity, body.for_order, state.released
    )


def change_production(state: State, body: m.ProductionOrderChanged, message: m.Message, now_ms: int) -> None:
    order = state.production.get(body.order)
    if order is None:
        return
    order.remaining = max(order.remaining - (order.quantity - body.quantity), 0)
    order.quantity = body.quantity
    if order.remaining == 0:
        forget_production(state, order, now_ms, made=False)


def complete_production(state: State, body: m.ProductionOrderChanged, message: m.Message, now_ms: int) -> None:
    order = state.production.get(body.order)
    if order is not None:
        forget_production(state, order, now_ms, made=body.quantity > 0)
    else:
        close(state, body.order, now_ms)


def confirm_production(state: State, body: m.ProductionConfirmed, message: m.Message, now_ms: int) -> None:
    order = state.production.get(body.order)
    if order is not None:
        order.remaining = min(order.remaining, max(body.remaining, 0))
        if order.remaining == 0:
            forget_production(state, order, now_ms, made=True)


def forget_production(state: State, order: ProductionOrder, now_ms: int, *, made: bool) -> None:
    state.production.pop(order.id, None)
    close(state, order.id, now_ms)
    customer_order = state.orders.get(order.for_order)
    if made and customer_order is not None and customer_order.site == order.site:
        customer_order.made = True
        if customer_order.frozen:  # ERP would not move it while it was made; now it may be asked again
            customer_order.frozen, state.news_ms = False, now_ms


def consume_material(state: State, body: m.MaterialConsumed, message: m.Message, now_ms: int) -> None:
    site = body.line.split(".")[0]
    key = (site, body.item)
    state.on_hand[key] = max(state.on_hand.get(key, 0) - body.quantity, 0)


# --- stock and transport -------------------------------------------------------------------------------------------
def heard(state: State, site: str, item: str, message: m.Message) -> None:
    """What a decision about the place will name as its trigger."""
    state.said[site, item] = Said(message.id, message.source, message.type, message.subject or item)


def post_stock(state: State, body: m.StockPosted, message: m.Message, now_ms: int) -> None:
    heard(state, body.site, body.item, message)
    state.on_hand[body.site, body.item] = max(body.on_hand, 0)


def post_receipt(state: State, body: m.ReceiptPosted, message: m.Message, now_ms: int) -> None:
    heard(state, body.site, body.item, message)
    state.on_hand[body.site, body.item] = max(body.on_hand, 0)
    purchase = state.purchases.get(body.order)
    if purchase is not None:
        purchase.remaining -= body.quantity
        if purchase.remaining <= 0:
            state.purchases.pop(body.order)
            close(state, body.order, now_ms)
    elif body.order not in state.production:
        receive_transfer(state, body, now_ms)


def receive_transfer(state: State, body: m.ReceiptPosted, now_ms: int) -> None:
    """Goods of a transfer order came in: the shipment of that size, else so many pieces of its oldest (a lane may take
    a shipment in parts), are no longer on the way."""
    moving = [n for n, s in state.shipments.items() if s.order == body.order and s.target == body.site]
    same = [n for n in moving if state.shipments[n].quantity == body.quantity]
    left = body.quantity
    for name in same[:1] or moving:
        shipment = state.shipments[name]
        left, shipment.quantity = left - shipment.quantity, shipment.quantity - left
        if shipment.quantity <= 0:
            state.shipments.pop(name)
        if left <= 0:
            break
    transfer = state.transfers.get(body.order)
    if transfer is not None:
        transfer.received += body.quantity
        if transfer.received >= transfer.quantity and transfer.outstanding == 0:
            end_transfer(state, transfer, now_ms)


def depart_transfer(state: State, body: m.Departed, message: m.Message, now_ms: int) -> None:
    state.on_hand[body.source, body.item] = max(body.on_hand, 0)
    transfer = state.transfers.get(body.order)
    if transfer is None and body.order in state.closed:
        return  # it came in long ago: news of its leaving is late
    if transfer is None:
        come_early(state, body, now_ms)
    else:
        transfer.sent += body.quantity
    if transfer is None or transfer.received < transfer.sent:  # else its receipt was posted first
        state.shipments[body.shipment] = Shipment(body.order, body.item, body.quantity, body.target, body.eta_ms)


def arrive_transfer(state: State, body: m.Arrived, message: m.Message, now_ms: int) -> None:
    shipment = state.shipments.get(body.shipment)  # at the dock; it counts as stock when the receipt is posted
    if shipment is not None:
        shipment.eta_ms = min(shipment.eta_ms, now_ms)


def lose_shipment(state: State, body: m.ShipmentLost, message: m.Message, now_ms: int) -> None:
    """Goods are gone: they are not on the way, and of a transfer they have not left. A part of a shipment has its name
    with a number."""
    name = body.shipment if body.shipment in state.shipments else body.shipment.partition(".")[0]
    shipment = state.shipments.get(name)
    if shipment is not None and shipment.order == body.order:
        shipment.quantity -= body.quantity
        if shipment.quantity <= 0:
            state.shipments.pop(name)
    transfer, purchase = state.transfers.get(body.order), state.purchases.get(body.order)
    if transfer is not None:
        transfer.sent = max(transfer.sent - body.quantity, 0)
    if purchase is not None:
        purchase.remaining -= body.quantity
        if purchase.remaining <= 0:
            state.purchases.pop(body.order)
            close(state, body.order, now_ms)


def come_early(state: State, body: m.Departed, now_ms: int) -> None:
    """Pieces of an order that has not been announced yet."""
    before = state.early.get(body.order, NEVER).pieces
    remember(state.early, body.order, Past(now_ms, before + body.quantity))


def depart_shipment(state: State, body: m.Departed, message: m.Message, now_ms: int) -> None:
    heard(state, body.source, body.item, message)
    state.on_hand[body.source, body.item] = max(body.on_hand, 0)
    order = state.orders.get(body.order)
    if order is None:
        if body.order not in state.closed:
            come_early(state, body, now_ms)
        return
    order.left += body.quantity
    if order.left >= order.quantity:
        state.orders.pop(order.id)
        close(state, order.id, now_ms)


def hold_stock(state: State, body: m.QualityHeld, message: m.Message, now_ms: int) -> None:
    key = (body.site, body.item)
    state.held[key] = state.held.get(key, 0) + body.quantity


def release_stock(state: State, body: m.QualityDisposed, message: m.Message, now_ms: int) -> None:
    key = (body.site, body.item)
    state.held[key] = max(state.held.get(key, 0) - body.quantity, 0)


RULES: dict[type[m.Body], Callable[[State, Any, m.Message, int], None]] = {
    m.OrderCreated: open_customer_order,
    m.OrderReopened: reopen_customer_order,
    m.OrderChanged: change_customer_order,
    m.OrderDelivered: close_customer_order,
    m.ProductionOrderReleased: release_production,
    m.ProductionOrderChanged: change_production,
    m.ProductionOrderCompleted: complete_production,
    m.TransferOrderCreated: open_transfer,
    m.TransferOrderChanged: change_transfer,
    m.PurchaseOrderCreated: open_purchase,
    m.LineStopped: outages.stop_line,
    m.LineResumed: outages.resume_line,
    m.LineSlowed: outages.slow_line,
    m.ProductionConfirmed: confirm_production,
    m.MaterialConsumed: consume_material,
    m.StockPosted: post_stock,
    m.ReceiptPosted: post_receipt,
    m.TransferDeparted: depart_transfer,
    m.TransferArrived: arrive_transfer,
    m.ShipmentLost: lose_shipment,
    m.ShipmentDeparted: depart_shipment,
    m.LaneClosed: outages.close_lane,
    m.LaneOpened: outages.open_lane,
    m.LaneSlowed: outages.slow_lane,
    m.QualityHeld: hold_stock,
    m.QualityReleased: release_stock,
    m.QualityRejected: release_stock,
    m.ApprovalGiven: proposals.take_approval,
}

FACTS: dict[type, Callable[[State, Any, int], None]] = {
    Started: start,
    Heard: hear,
    Answered: answer,
    TakenIn: take_in,
    DeadLettered: change_nothing,
    Improved: change_nothing,
    Announced: announce,
    **proposals.RULES,
}
