"""QMS: holds and what quality decided."""

from sync.vocabulary.messages.envelope import Body, message


@message("quality.held")
class QualityHeld(Body, frozen=True, kw_only=True):
    """lots: the names of the receipts that are held, the oldest first (consignments, production lots)."""

    site: str
    item: str
    quantity: int
    hold: str
    lots: tuple[str, ...] = ()


class QualityDisposed(Body, frozen=True, kw_only=True):
    """`quality.released` or `quality.rejected`."""

    site: str
    item: str
    quantity: int
    hold: str


@message("quality.released")
class QualityReleased(QualityDisposed, frozen=True, kw_only=True):
    """Back into stock."""


@message("quality.rejected")
class QualityRejected(QualityDisposed, frozen=True, kw_only=True):
    """Scrapped."""
