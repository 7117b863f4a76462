"""The inbox: which messages are news, and what they say in canonical item codes."""

from collections import OrderedDict

import msgspec

from sync.core.facts import DeadLettered, Heard
from sync.core.network import Network
from sync.vocabulary.messages import BODIES, ENGINE, Message, body_of

# Repeats come from a transport that delivers twice, so within what it holds in flight: 20,000 messages of one source
# are days of the busiest system. One that comes later still is taken for news; finished orders stay closed even then.
REMEMBERED = 20_000


class Inbox:
    """Judges each message once. Remembers the last REMEMBERED ids of every source."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._seen: dict[str, OrderedDict[str, None]] = {}

    def take(self, message: Message) -> Heard | DeadLettered | None:
        """The fact that a message makes; None: a repeat, or the engine's own."""
        if message.source == ENGINE or message.id in self._seen.get(message.source, ()):
            return None
        return self._judged(message)

    def saw(self, message: Message) -> None:
        """Remember the id."""
        seen = self._seen.setdefault(message.source, OrderedDict())
        seen[message.id] = None
        if len(seen) > REMEMBERED:
            seen.popitem(last=False)

    def _judged(self, message: Message) -> Heard | DeadLettered:
        """An unmapped item code is never guessed."""
        if message.type not in BODIES:
            return DeadLettered(message, "unknown_type", message.type)
        try:
            body_of(message)
        except msgspec.ValidationError as error:
            return DeadLettered(message, "bad_body", str(error))
        code = message.data.get("item")
        if code is None:
            return Heard(message)
        item = self._network.canonical(message.source.split(".")[0], code)
        if item is None:
            return DeadLettered(message, "unmapped_item", code)
        return Heard(message if item == code else msgspec.structs.replace(message, data={**message.data, "item": item}))
