"""What somebody asked for and cannot have, in every storey's words.

Refused(ValueError)   exit 2   a value, an option, a command: whoever asked may ask for something else

It is the engine's only failure of its own: messages that are no messages become dead letters, and nothing is raised.
"""


class Refused(ValueError):
    """What was asked for cannot be. The line says whose fault it is, which value was found, what is allowed and, where
    there is something to do, what. `sub`: keys below the value's own place where the offence stands, in a file."""

    exit_code = 2

    def __init__(self, message: str, sub: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.sub = sub

    def below(self, *keys: str | int) -> "Refused":
        """The same refusal, seen from the container that holds the value under `keys`."""
        return Refused(self.message, (*keys, *self.sub))
