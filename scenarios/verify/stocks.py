"""Exact values of stock rules, of a plant that is out, and of messages that wait for the next batch.

Rates are per unit of time, times in that unit, quantities in pieces. Sources by name: Zipkin, *Foundations of Inventory
Management* (2000); Snyder & Shen, *Fundamentals of Supply Chain Theory* (2nd ed. 2019). As in `exact` nothing is
simulated and nothing comes from a table.
"""

from collections.abc import Iterator
from math import exp, inf


def poisson(mean: float, most: int) -> list[float]:
    """The chances of 0 .. `most` events of a Poisson number with this mean."""
    chances = [exp(-mean)]
    for n in range(1, most + 1):
        chances.append(chances[-1] * mean / n)
    return chances


def ready_rate(demand: float, lead: float, level: int) -> float:
    """Share of the time in which a base-stock of `level` pieces has stock: P(D < level), D the Poisson demand of one
    lead time (the level less that demand is what is there). Zipkin, section 6.2."""
    return sum(poisson(demand * lead, level - 1)) if level > 0 else 0.0


def backorders(demand: float, lead: float, level: int) -> float:
    """Mean number of pieces owed under a base-stock of `level`: E[(D - level)+]. Zipkin, section 6.2."""
    return demand * lead - level + stock(demand, lead, level)


def stock(demand: float, lead: float, level: int) -> float:
    """Mean stock under a base-stock of `level`: E[(level - D)+]."""
    return sum((level - n) * chance for n, chance in enumerate(poisson(demand * lead, max(level, 0))))


def fill_rq(demand: float, lead: float, r: int, q: int) -> float:
    """Share of the demand that (r, q) serves at once: its position is as often at each of r + 1 .. r + q, and each is a
    base-stock for as long as it lasts. Zipkin, section 6.2.3."""
    return sum(ready_rate(demand, lead, level) for level in range(r + 1, r + q + 1)) / q


def stock_rq(demand: float, lead: float, r: int, q: int) -> float:
    """Mean stock under (r, q)."""
    return sum(stock(demand, lead, level) for level in range(r + 1, r + q + 1)) / q


def lost_share(demand: float, lead: float, level: int) -> float:
    """Share of the customers who find no stock and leave, under a base-stock: Erlang's loss with `level` servers, each
    piece on order a busy one, whatever the law of the lead times. Zipkin, section 7.2.3."""
    lost = 1.0
    for n in range(1, level + 1):
        lost = demand * lead * lost / (n + demand * lead * lost)
    return lost


# --- a supplier that fails ------------------------------------------------------------------------------------------
def failed_periods(fails: float, recovers: float) -> Iterator[float]:
    """The chances that the supplier has been down for 0, 1, 2 ... periods, in the long run: from up it goes down with
    chance `fails` a period, from down it comes back with chance `recovers`."""
    yield recovers / (fails + recovers)
    chance = fails * recovers / (fails + recovers)
    while True:
        yield chance
        chance *= 1.0 - recovers


def disrupted_cost(hold: float, owe: float, demand: int, fails: float, recovers: float, level: int) -> float:
    """Mean cost a period of a base-stock of `level` with demand `demand` a period and a supplier that delivers at once,
    or not at all while it is down: `hold` for a piece in stock at the end of the period, `owe` for a piece owed.

    Snyder & Shen, section 9.2.2. Down for n periods the stock after demand is level - (n + 1) demand. The sum stops
    where the rest is below 1e-12 of it.
    """
    cost, left = 0.0, 1.0
    for n, chance in enumerate(failed_periods(fails, recovers)):
        after = level - (n + 1) * demand
        cost += chance * (hold * after if after > 0 else -owe * after)
        left -= chance
        if after < 0 and left * owe * (demand / recovers - after) < 1e-12 * cost:
            break
    return cost


def disrupted_level(hold: float, owe: float, demand: int, fails: float, recovers: float) -> int:
    """The base-stock level of least cost: demand x the least number of periods whose share of all outages, the one
    without any included, reaches owe / (owe + hold). Snyder & Shen, section 9.2.2."""
    covered, level = 0.0, 0
    for chance in failed_periods(fails, recovers):
        covered, level = covered + chance, level + demand
        if covered >= owe / (owe + hold):
            return level
    raise AssertionError("the chances do not end")


# --- a plant that is out (fluid) ------------------------------------------------------------------------------------
def outage_backlog(demand: float, out: float, elsewhere: float = 0.0) -> float:
    """Pieces owed when a plant comes back after `out`: nothing was made but what went `elsewhere` (a rate)."""
    return max(demand - elsewhere, 0.0) * out


def outage_cleared(demand: float, capacity: float, out: float, elsewhere: float = 0.0) -> float:
    """When nothing is owed any more, counted from the beginning of the outage; `inf` if the plant never catches up."""
    spare = capacity + elsewhere - demand
    return out + outage_backlog(demand, out, elsewhere) / spare if spare > 0 else inf


def outage_area(demand: float, capacity: float, out: float, elsewhere: float = 0.0) -> float:
    """Pieces owed, integrated over time: the triangle over the time until it is cleared."""
    peak = outage_backlog(demand, out, elsewhere)
    return peak * outage_cleared(demand, capacity, out, elsewhere) / 2.0


# --- messages that wait for a batch -----------------------------------------------------------------------------------
def batch_staleness(every: float) -> float:
    """Mean age of a message when its batch leaves, events falling anywhere between two batches alike."""
    return every / 2.0


def batch_staleness_quantile(every: float, share: float) -> float:
    """The age that this share of the messages is not older than."""
    return every * share
