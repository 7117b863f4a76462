"""The archive: every decision there ever was. What is final leaves the state and is found here."""

from typing import Protocol

from sync.vocabulary.decisions import Decision


class Archive(Protocol):
    """Decisions in the order of deciding."""

    def keep(self, decision: Decision) -> None:
        """Note a decision when it is taken, and again when it has become final."""

    def decisions(self) -> list[Decision]:
        """All of them, each as it was kept last."""


class MemoryArchive:
    """A dict by id."""

    def __init__(self) -> None:
        self._kept: dict[str, Decision] = {}

    def keep(self, decision: Decision) -> None:
        self._kept[decision.id] = decision

    def decisions(self) -> list[Decision]:
        return list(self._kept.values())
