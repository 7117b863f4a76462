"""QMS: holds and dispositions of a plant's goods."""

from dataclasses import dataclass

from plants.systems.channel import Channel
from sync.vocabulary import messages as m


@dataclass(eq=False)
class Qms:
    """Publishes what quality has decided; what it holds is held at once, others learn of it later."""

    site: str
    channel: Channel
    codes: dict[str, str]

    def held(self, item: str, quantity: int, hold: str) -> None:
        """Goods are set aside."""
        body = m.QualityHeld(site=self.site, item=self.codes.get(item, item), quantity=quantity, hold=hold)
        self.channel.post(hold, body)

    def disposed(self, item: str, quantity: int, hold: str, disposition: str) -> None:
        """A hold has ended with `release` or `scrap`."""
        ended = m.QualityReleased if disposition == "release" else m.QualityRejected
        body = ended(site=self.site, item=self.codes.get(item, item), quantity=quantity, hold=hold)
        self.channel.post(hold, body)
