"""Systems and channels that fail: the world goes on, what people and the engine know of it does not."""

from typing import TYPE_CHECKING

from plants.definition import DisruptionSpec
from plants.disruptions.kind import Key, Kind
from plants.disruptions.undo import Undo

if TYPE_CHECKING:
    from plants.disruptions.world import World


class SystemDown(Kind):
    """A system publishes nothing; what it says afterwards depends on `keeps_while_down`."""

    name, targets = "system-down", ("systems",)

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> Undo:
        system = world.systems.by_source[d.target]
        system.stop()
        return system.restore


class ChannelFault(Kind):
    """The messages of a system are delayed, lost, sent twice, overtaken, damaged, wrongly coded or wrongly dated.

    Each key, as it is stored, is a field of plants.systems.channel.Fault.
    """

    name, targets = "channel", ("systems",)
    keys = (
        Key("message", "message", "message type; all when left out."),
        Key("delay", "time law", "delay of a message."),
        Key("loses", "share", "share of messages lost."),
        Key("duplicates", "share", "share of messages sent twice."),
        Key("reorders", "share", "share of messages overtaken."),
        Key("corrupts", "share", "share of messages damaged."),
        Key("wrong_code", "share", "share of messages with an unknown item code."),
        Key("clock_skew", "time", "how far the sender's clock is ahead."),
    )

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> Undo:
        from plants.systems.channel import Fault

        said = {key.stored: value for key in self.keys if (value := self.value(d, key.name)) is not None}
        if "delay_s" in said:
            said["delay_s"] = world.network.streams.keyed(f"disruption/{d.id}/delay", said["delay_s"])
        fault = Fault(**said)
        faults = world.systems.by_source[d.target].channel.faults
        faults.append(fault)
        return lambda: faults.remove(fault)
