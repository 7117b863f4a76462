"""What can go wrong with time itself, and with the floor that makes it pass.

SimError
  Stalled      exit 1   events follow each other without time passing: a fault of the model
  FloorError   exit 6   the machine floor that was asked for cannot be had on this machine
"""


class SimError(RuntimeError):
    """Its text is one clear line for people; `exit_code` is the command's."""

    exit_code = 1


class Stalled(SimError):
    """Events follow each other without time passing: the model would never end."""

    def __init__(self, who: str, at_s: float, events: int) -> None:
        self.who, self.at_s, self.events = who, at_s, events
        super().__init__(
            f"time stands still at {at_s} s: {who} has fired {events} events without it moving. "
            "A duration of zero in a circle does this, or a hand that nobody takes."
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.who, self.at_s, self.events)


class FloorError(SimError):
    """The machine floor that was asked for cannot be had: why, and what to do."""

    exit_code = 6
