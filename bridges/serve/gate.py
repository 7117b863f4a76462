"""Who may command, and once only: fencing by epoch, expiry, repetition. It knows no system and changes nothing."""

from collections import OrderedDict

from sync.vocabulary.commands import Ack, Command

REMEMBERED = 100_000  # command ids; a system applies each id at most once anyway


class Remembered:
    """A set that forgets its oldest member when it is full."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._members: OrderedDict[object, None] = OrderedDict()

    def add(self, member: object) -> None:
        self._members[member] = None
        if len(self._members) > self._limit:
            self._members.popitem(last=False)

    def __contains__(self, member: object) -> bool:
        return member in self._members


class Echoes:
    """What a twin publishes comes back to it, and what comes in is said again by the twin: each passes once.
    came: ids of messages and commands from outside, not published again; went: of our own, not taken as from outside.
    """

    def __init__(self) -> None:
        self.came, self.went = Remembered(), Remembered()


class Gate:
    """epoch: the only one whose commands pass from now on; closed: why nobody's do ("" = open)."""

    def __init__(self, systems: tuple[str, ...], closed: str = "") -> None:
        self.systems = systems
        self.epoch = 1
        self.closed = closed
        self.accepted = self.turned_away = 0
        self.seen = Remembered()

    def judge(self, command: Command, now_ms: int) -> Ack | None:
        """None: it may pass, once. Else the acknowledgement that says why not."""
        refusal = self._refusal(command, now_ms)
        if refusal is None:
            self.seen.add(command.id)
            self.accepted += 1
            return None
        self.turned_away += 1
        status, reason = refusal
        ack = {"command": command.id, "source": "twin", "time_ms": now_ms, "reason": reason}
        return Ack(status=status, **ack)  # type: ignore[arg-type]

    def _refusal(self, command: Command, now_ms: int) -> tuple[str, str] | None:
        if command.id in self.seen:
            return "duplicate", "a command of this id was taken before"
        if command.epoch != self.epoch:
            return "refused", f"epoch {command.epoch} is not the present one, {self.epoch}"
        if self.closed:
            return "refused", self.closed
        if 0 <= command.not_after_ms < now_ms:
            return "expired", f"not after {command.not_after_ms} ms, and it is {now_ms} ms"
        if command.target not in self.systems:
            return "refused", f"no system {command.target} takes commands. known: {', '.join(self.systems)}"
        return None
