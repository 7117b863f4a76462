"""QMS: holds and dispositions of a plant's goods."""

from plants.systems.system import System
from sync.vocabulary import messages as m


class Qms(System):
    """Publishes what quality has decided; what it holds is held at once, others learn of it later."""

    name, per = "qms", "site"
    publishes = (m.QualityHeld, m.QualityReleased, m.QualityRejected)

    def held(self, item: str, quantity: int, hold: str, lots: tuple[str, ...] = ()) -> None:
        """Goods are set aside, the lots named."""
        body = m.QualityHeld(site=self.owner, item=self.code(item), quantity=quantity, hold=hold, lots=lots)
        self.channel.post(hold, body)

    def disposed(self, item: str, quantity: int, hold: str, disposition: str) -> None:
        """A hold has ended with `release` or `scrap`."""
        ended = m.QualityReleased if disposition == "release" else m.QualityRejected
        body = ended(site=self.owner, item=self.code(item), quantity=quantity, hold=hold)
        self.channel.post(hold, body)
