"""ERP's command desk: carries out what the engine asks for, once per command id, and answers with what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from plants.orders import CustomerOrder
from plants.systems.erp import Erp
from sync.vocabulary import commands as c
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.errors import Refused

EXECUTION_S = 1.0  # a transaction in ERP


@dataclass(eq=False)
class Desk:
    """`answers` is called with every Ack. `epoch` is the highest engine epoch seen: older engines are refused."""

    erp: Erp
    answers: list[Callable[[Ack], None]] = field(default_factory=list)
    epoch: int = 0
    _seen: set[str] = field(default_factory=set)

    def take(self, command: Command) -> None:
        """Accept a command from the wire; it is executed after the desk's latency."""
        self.erp.network.env.call_in(EXECUTION_S, lambda: self._execute(command))

    def _execute(self, command: Command) -> None:
        now = self.erp.now_ms
        status, reason = "done", ""
        if command.id in self._seen:
            status, reason = "duplicate", "applied before; a command is applied at most once"
        elif command.epoch < self.epoch:
            status, reason = "refused", f"epoch {command.epoch} is fenced off by epoch {self.epoch}"
        elif 0 <= command.not_after_ms < now:
            status, reason = "expired", f"not after {command.not_after_ms} ms, and it is {now} ms"
        else:
            self.epoch = max(self.epoch, command.epoch)
            self._seen.add(command.id)
            status, reason = self._apply(command)
        ack = Ack(command=command.id, source="erp", time_ms=now, status=status, reason=reason)  # type: ignore[arg-type]
        for answer in self.answers:
            answer(ack)

    def _apply(self, command: Command) -> tuple[str, str]:
        rule = RULES.get(command.type)
        if rule is None:
            return "refused", f"{command.type} is not a command of erp. known: {', '.join(RULES)}"
        try:
            return "done", rule(self, c.asked(command))
        except msgspec.ValidationError as error:
            return "refused", f"{command.type}: {error}"
        except Refused as refusal:
            return "refused", str(refusal)

    def _order(self, order_id: str, kind: str) -> object:
        order = self.erp.network.book.orders.get(order_id)
        if order is None or order.kind != kind:
            raise Refused(f"there is no {kind} order {order_id}")
        return order

    def _resource(self, body: c.ResourceOrder) -> str:
        order = self._order(body.order, "customer")
        refusal = self.erp.move(order, body.site, body.port, body.carrier) if isinstance(order, CustomerOrder) else ""
        if refusal:
            raise Refused(refusal)
        return ""

    def _create(self, body: c.CreateTransfer) -> str:
        net = self.erp.network
        problems = [f"there is no site {s}" for s in (body.source, body.target) if s not in net.sites]
        if body.item not in {i.id for i in net.spec.items}:
            problems.append(f"there is no item {body.item}")
        if body.quantity <= 0:
            problems.append(f"quantity {body.quantity} is not positive")
        if body.source == body.target:
            problems.append("source and target are the same site")
        taken = body.order in net.book.orders
        if taken:
            problems.append(f"order id {body.order} is taken")
        if problems:
            raise Refused("; ".join(problems))
        plant = net.plants.get(body.source)
        if plant is not None and not plant.makes(body.item) and plant.on_hand.get(body.item, 0) <= 0:
            raise Refused(f"{body.source} neither makes nor holds {body.item}")
        order = self.erp.transfer(
            body.target, body.item, body.quantity, body.source,
            order_id=body.order, due_ms=body.due_ms, line=body.line, by="engine",
        )  # fmt: skip
        return order.id

    def _reduce(self, body: c.ReduceTransfer) -> str:
        order = self._order(body.order, "transfer")
        taken = self.erp.withdraw(order, body.quantity)  # type: ignore[arg-type]
        if not taken:
            raise Refused(f"{body.order} has nothing left to send")
        return f"reduced by {taken}"


RULES: dict[str, Callable[..., str]] = {
    "order.resource": Desk._resource,
    "transfer_order.create": Desk._create,
    "transfer_order.reduce": Desk._reduce,
}
