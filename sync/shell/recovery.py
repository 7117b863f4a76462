"""What a journal says is believed: every fact evolved again, at the instant it was taken. Nothing is decided anew."""

from collections.abc import Iterable

from sync.core.evolve import evolve
from sync.core.network import Network
from sync.core.state import State, initial
from sync.shell.journal import Entry, fact_of
from sync.vocabulary.master import MasterData


def fold(master: MasterData, entries: Iterable[Entry]) -> State:
    """The state after these entries, equal (`State.hash`) to that of the engine that wrote them."""
    state = initial(Network(master))
    for entry in entries:
        evolve(state, fact_of(entry), entry.time_ms)
    return state
