"""What can go wrong in the world itself.

InvariantViolation         exit 3   something that must always hold does not: the model is wrong, or was sabotaged
ExtensionError(ValueError) exit 6   a system or a kind of disruption that an installed package brings cannot be used
"""


class InvariantViolation(Exception):
    """Something that must always hold does not. Says which event, which entity, and both sides of the equation."""

    exit_code = 3

    def __init__(self, law: str, at_ms: int, event: str, entity: str, left: str, right: str) -> None:
        self.law, self.at_ms, self.event, self.entity = law, at_ms, event, entity
        self.left, self.right = left, right
        super().__init__(
            f"invariant '{law}' broken at {at_ms} ms by event '{event}' on {entity}: {left} is not {right}"
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        # workers are processes: the violation must survive the way back
        return type(self), (self.law, self.at_ms, self.event, self.entity, self.left, self.right)


class ExtensionError(ValueError):
    """What a package offers under an entry point cannot be used as it is declared, in one sentence; the fault of
    whoever wrote the class."""

    exit_code = 6
