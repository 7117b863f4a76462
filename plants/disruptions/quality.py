"""Goods that may not be used, or are gone."""

from typing import TYPE_CHECKING

from plants.definition import DisruptionSpec
from plants.disruptions.kind import Key, Kind
from plants.systems.qms import Qms
from sim.streams import constant

if TYPE_CHECKING:
    from plants.disruptions.world import World


class QualityHold(Kind):
    """The newest lots of an item at a site are held until quality has decided about them."""

    name, targets, lasts = "quality-hold", ("plants", "warehouses"), False
    keys = (
        Key("item", "item", "the item that is held.", required=True),
        Key("lots", "count", "how many of the newest lots are held; all when left out."),
        Key("disposition", "choice", "what is decided in the end (release).", default="release",
            choices=("release", "rework", "scrap")),
        Key("decided_after", "time law", "time to the decision (1d).", default=constant(86_400.0)),
    )  # fmt: skip
    says = ("quality.held", "quality.released", "quality.rejected")

    def idle(self, key: str, value: object) -> str:
        return "what is reworked is released at once." if (key, value) == ("disposition", "rework") else ""

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> None:
        """It ends by itself, when quality has decided."""
        net, item = world.network, self.value(d, "item")
        site, qms = net.sites[d.target], world.systems.of(Qms, d.target)
        lots = site.hold(item, self.value(d, "lots"), d.id)
        pieces = sum(lot.pieces for lot in lots)
        if not pieces:
            world.over(d.id)
            return
        qms.held(item, pieces, d.id, tuple(lot.name for lot in lots))
        ends_as = "scrap" if self.value(d, "disposition") == "scrap" else "release"

        def decide() -> None:
            site.dispose(item, lots, ends_as, d.id)
            qms.disposed(item, pieces, d.id, ends_as)
            world.over(d.id)

        net.env.call_in(world.draw(d.id, "decided_after_s", self.value(d, "decided_after")), decide)


class StockLoss(Kind):
    """A share of the stock of a site is gone: fire, theft, water."""

    name, targets, lasts, says = "stock-loss", ("plants", "warehouses"), False, ("stock.posted",)
    keys = (
        Key("item", "item", "the item; every one when left out."),
        Key("share", "share", "the share that is lost.", required=True),
    )

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> None:
        site, item, share = world.network.sites[d.target], self.value(d, "item"), float(self.value(d, "share"))
        for each in [item] if item else list(site.on_hand):
            site.lose(each, round(site.on_hand.get(each, 0) * share), d.id)
        world.over(d.id)
