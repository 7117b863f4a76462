"""How harm is undone: one call that takes no words."""

from collections.abc import Callable

Undo = Callable[[], None]


def together(undos: list[Undo]) -> Undo:
    """Undo several harms, in the order in which they were done."""

    def undo() -> None:
        for one in undos:
            one()

    return undo
