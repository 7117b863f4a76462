"""What can go wrong in the world itself.

InvariantViolation         exit 3   something that must always hold does not: the model is wrong, or was sabotaged
ExtensionError(ValueError) exit 6   what an installed package offers under an entry point cannot be used
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
    """What a package offers under an entry point cannot be used, and why, in one sentence; the fault of whoever wrote
    it. source: the offer in words, as plants.extensions has it."""

    exit_code = 6

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(source, why)

    def __str__(self) -> str:
        return f"{self.source} cannot be used: {self.why}"
