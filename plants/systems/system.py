"""What an enterprise system is: one class says all of it, and everything else asks the class (see registry.py).

    name, per            what it is called in files and sources, and what there is one of it for
    publishes            the bodies of the messages it posts on its channel
    hears                the bodies of the messages it is handed, as they arrive
    executes, latency_s  the commands it carries out (see desk.py), and how long after they came
    stop, restore        what happens while it is down

A system knows the world only by what it attaches to, and others only by their messages.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from plants.systems.channel import Channel
from sync.vocabulary.commands import CommandBody
from sync.vocabulary.messages import Body, Message

if TYPE_CHECKING:  # the world above the floor is heavy, and whoever reads a file asks the classes too
    from plants.network.network import Network


Per = Literal["network", "plant", "site", "supplier"]  # a site is a plant or a warehouse


class System:
    """Base of every system. owner: the plant, site or supplier it belongs to, "" when it serves the whole network.
    executes: body of a command -> the method that carries it out; it returns what to say of it ("" nothing), and raises
    Refused for what is understood and not possible."""

    name: ClassVar[str]
    per: ClassVar[Per]
    publishes: ClassVar[tuple[type[Body], ...]]
    hears: ClassVar[tuple[type[Body], ...]] = ()
    executes: ClassVar[Mapping[type[CommandBody], Callable[[Any, Any], str]]] = {}
    latency_s: ClassVar[float] = 1.0  # a transaction

    def __init__(self, network: "Network", owner: str, channel: Channel) -> None:
        self.network, self.owner, self.channel = network, owner, channel
        plant = network.plants.get(owner)
        self.codes = plant.spec.codes if plant is not None else {}

    def attach(self) -> None:
        """Begin to notice what happens in the world."""

    def hear(self, message: Message) -> None:
        """A message with one of the bodies it hears has arrived."""

    def book(self) -> Mapping[str, list[Any]]:
        """What it believes is in stock, as it changed: columns time_ms, site, item, quantity (from then on); {} of a
        system that keeps no such book."""
        return {}

    def code(self, item: str) -> str:
        """The owner's own code of an item."""
        return self.codes.get(item, item)

    def stop(self) -> None:
        """The system is down (as often as it is stopped): what it would say waits in its channel, or is lost where
        that keeps nothing. It goes on noticing, hearing and carrying out."""
        self.channel.stop()

    def restore(self) -> None:
        """Undo one stop; after the last, what was kept goes out at once, in order."""
        self.channel.restore()
