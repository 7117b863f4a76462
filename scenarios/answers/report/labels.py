"""Labels of a picture, apart from each other: each goes to the first place around its point that nothing covers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GAP = 2.0
RINGS = 40  # how far out a place is looked for, in steps
SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))  # below, above, right, left, corners


@dataclass(frozen=True)
class Box:
    """A rectangle, x and y growing to the right and down."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether they overlap, a gap included."""
        return (
            self.left < other.right + GAP and other.left < self.right + GAP
            and self.top < other.bottom + GAP and other.top < self.bottom + GAP
        )  # fmt: skip

    def within(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


@dataclass(frozen=True)
class Asked:
    """A label that wants a place: the point it belongs to, how far its mark reaches, its lines, size of the letters."""

    x: float
    y: float
    reach: float
    lines: tuple[str, ...]
    size: float

    @property
    def width(self) -> float:
        """By a wide bold sans-serif: 0.66 of the letters' height each, capitals and wide ones more."""
        return max(sum(0.8 if c.isupper() or c in "mw@%" else 0.66 for c in line) for line in self.lines) * self.size

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * 1.15


@dataclass(frozen=True)
class Placed:
    """Where a label stands: the middle of its lines and the base of the first; led: far enough to need a line."""

    asked: Asked
    box: Box
    led: bool

    @property
    def middle(self) -> float:
        return (self.box.left + self.box.right) / 2

    @property
    def bases(self) -> list[float]:
        """The base line of each line of text."""
        step = self.asked.size * 1.15
        return [self.box.top + step * (n + 1) - self.asked.size * 0.25 for n in range(len(self.asked.lines))]


def marks(asked: Iterable[Asked]) -> list[Box]:
    """What the points themselves cover."""
    return [Box(a.x - a.reach, a.y - a.reach, a.x + a.reach, a.y + a.reach) for a in asked]


def placed(asked: Sequence[Asked], width: float, height: float, covered: Sequence[Box] = ()) -> list[Placed]:
    """A place for each label, in their order: free of every mark, of what is covered and of the labels before it, and
    within the picture; as near as can be. Where the picture is full a label goes on top of marks, never of labels."""
    around = [*marks(asked), *covered]
    taken: list[Box] = []
    found = []
    for one in asked:
        place = _first(one, width, height, [*around, *taken]) or _first(one, width, height, taken)
        if place is None:  # no room at all: where it belongs
            place = Placed(one, _box(one, 0, 1, 0), led=False)
        taken.append(place.box)
        found.append(place)
    return found


def _first(one: Asked, width: float, height: float, taken: Sequence[Box]) -> Placed | None:
    for ring in range(RINGS):
        for across, down in SIDES:
            box = _box(one, across, down, ring)
            if box.within(width, height) and not any(box.meets(other) for other in taken):
                return Placed(one, box, led=ring > 1)
    return None


def _box(one: Asked, across: int, down: int, ring: int) -> Box:
    """A box beside the point, `ring` steps out: its near edge, or its middle, on a line with the point."""
    away = one.reach + GAP + 1 + ring * 7.0
    middle_x = one.x + across * (away + one.width / 2)
    middle_y = one.y + down * (away + one.height / 2)
    return Box(middle_x - one.width / 2, middle_y - one.height / 2, middle_x + one.width / 2, middle_y + one.height / 2)


def apart(
    points: Sequence[tuple[float, float]], least: float, width: float, height: float
) -> list[tuple[float, float]]:
    """Points moved until no two are nearer than `least`, each as little as will do, within the picture."""
    found = [list(p) for p in points]
    for _ in range(300):
        moved = False
        for i, a in enumerate(found):
            for j in range(i):
                b = found[j]
                across, down = a[0] - b[0], a[1] - b[1]
                distance = (across * across + down * down) ** 0.5
                if distance >= least:
                    continue
                if distance < 1e-6:  # on the spot: the later one goes below, a little aside
                    across, down, distance = 0.3 * ((i % 3) - 1), 1.0, 1.0
                push = (least - min(distance, least)) / 2 + 0.5
                for point, sign in ((a, 1), (b, -1)):
                    point[0] = min(width, max(0.0, point[0] + sign * push * across / distance))
                    point[1] = min(height, max(0.0, point[1] + sign * push * down / distance))
                moved = True
        if not moved:
            break
    return [(x, y) for x, y in found]
