"""What can go wrong with time itself."""


class Stalled(RuntimeError):
    """Events follow each other without time passing: the model would never end."""

    def __init__(self, who: str, at_s: float, events: int) -> None:
        self.who, self.at_s, self.events = who, at_s, events
        super().__init__(
            f"time stands still at {at_s} s: {who} has fired {events} events without it moving. "
            "A duration of zero in a circle does this, or a hand that nobody takes."
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.who, self.at_s, self.events)
