"""Common random numbers: one order more changes the draws of no other, whatever is drawn."""

from pathlib import Path

import pytest

from plants.orders import CustomerOrder
from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load

NETWORK = """\
items: [{id: A, value: 3}, {id: B, value: 1}]
boms: [{item: A, needs: {B: 2}}]
suppliers: [{id: sup, items: {B: {lead: {exponential: 2d}}}}]
plants:
  - id: n
    stock: {B: 4000}
    replenish: {B: {s: 3000, S: 4000, from: [sup]}}
    lines: [{id: L1, rate: 2000/d, makes: [{item: A, lot: 10}]}]
lanes: [{from: sup, to: n, time: {exponential: 1d}}, {from: n, to: [c, g], time: {exponential: 5h}}]
customers:
  - {id: c, served_by: [n], orders: {every: {exponential: 3h}, items: {A: 1}, quantity: 10, due: 1d}}
  - {id: g, served_by: [n], orders: {every: 90d, items: {A: 1}, quantity: 10, due: 1d}}
systems:
  wms: {posts: mail, delay: {exponential: 30min}, loses: 0.1, duplicates: 0.2}
  erp: {delay: {exponential: 10min}, loses: 0.2, reorders: 0.1}
  tms: {delay: {gamma: {mean: 20min, cv: 1}}, duplicates: 0.3}
"""


def world(folder: Path, extra_at_s: float | None) -> Twin:
    twin = assemble(load(folder, NETWORK, "20d").scenario, "none", 5)
    if extra_at_s is not None:
        more = {"id": "extra", "kind": "customer", "item": "A", "ordered": 10, "customer": "g", "target": "g"}
        ms = int(extra_at_s * 1000)
        twin.env.call_at(
            extra_at_s, lambda: twin.erp.accept(CustomerOrder(ordered_ms=ms, due_ms=ms + 86_400_000, **more))
        )  # type: ignore[arg-type]
    twin.env.advance(20 * 86_400.0)
    twin.finish()
    return twin


def fates(twin: Twin) -> dict[tuple[str, str, str], list[object]]:
    """(system, type, subject of a customer's order) -> how long each message took, or what became of it."""
    found: dict[tuple[str, str, str], list[object]] = {}
    for at, m in twin.bus.log:
        if m.subject.startswith("c-"):
            found.setdefault((m.source, m.type, m.subject), []).append(round((at - m.noticed_ms) / 10))
    for mishap in twin.bus.mishaps:
        if mishap.subject.startswith("c-"):
            found.setdefault((mishap.source, mishap.type, mishap.subject), []).append(mishap.fate)
    return found


@pytest.mark.parametrize("at_s", [3600.0, 5.3 * 86_400])
def test_one_order_more_changes_the_fate_of_no_message_about_another(tmp_path: Path, at_s: float) -> None:
    """Office hours apart (mail): those of ERP and TMS take exactly as long, and the same are lost and sent twice."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before, after = fates(world(tmp_path / "a", None)), fates(world(tmp_path / "b", at_s))
    told = [key for key in before if key[0] in ("erp", "tms")]
    assert len(told) > 250
    assert {key: after.get(key) for key in told} == {key: before[key] for key in told}
    assert {key: len(fate) for key, fate in after.items() if key[2] != "extra"} == {
        k: len(v) for k, v in before.items()
    }
