"""What the disruptions of a scenario take away for as long as it runs, whatever is drawn.

Harms come from the kinds themselves, their windows from the rules of the runner; no kind is known here by name. Factors
of harms that are on together multiply, as they do in the world. What may end earlier, begin later or not happen takes
nothing away for certain; what speeds up counts as if it were on all the time.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, prod

from plants.definition import DisruptionSpec, ScenarioSpec
from plants.disruptions.harm import Harm, Harmed
from plants.disruptions.kinds import KINDS
from plants.disruptions.windows import Windows

Thing = tuple[Harmed, str]  # what, id


@dataclass(frozen=True)
class Taken:
    """A harm of a disruption, and when it is on for certain, in seconds."""

    harm: Harm
    disruption: DisruptionSpec
    begin: float
    end: float


@dataclass
class Outages:
    """Asked by the bounds: what is out, what is slow, and who is to blame."""

    scenario: ScenarioSpec

    @cached_property
    def taken(self) -> dict[Thing, list[Taken]]:
        """Every thing that is harmed for certain at some time, in the file's order."""
        windows = Windows(self.scenario.disruptions)
        found: dict[Thing, list[Taken]] = {}
        for d in self.scenario.disruptions:
            certain = windows.certain(d.id)
            for harm in KINDS[d.kind].harms(self.scenario.network, d):
                window = (0.0, inf) if harm.factor > 1 else certain
                if window is not None:
                    found.setdefault((harm.what, harm.id), []).append(Taken(harm, d, *window))
        return found

    def best(self, what: Harmed, name: str) -> Fraction:
        """The most of normal that the thing ever works at: 0 when it never does, 1 when at some time nothing is wrong.

        It can only get better where something ends; at that very instant a harm that begins then is not yet there.
        """
        cases = self.taken.get((what, name), [])
        ends = [case.end for case in cases if 0 < case.end < self.scenario.horizon_s]
        at_start = prod((c.harm.factor for c in cases if c.begin <= 0 < c.end), start=Fraction(1))
        later = (prod((c.harm.factor for c in cases if c.begin < at < c.end), start=Fraction(1)) for at in ends)
        return max([at_start, *later])

    def out(self, what: Harmed, name: str) -> bool:
        """Whether the thing never works at all."""
        return self.best(what, name) == 0

    def names_out(self, what: Harmed) -> list[str]:
        """The things of one sort that never work."""
        return [name for sort, name in self.taken if sort == what and self.out(sort, name)]

    def because_of(self, what: Harmed, name: str) -> list[str]:
        """The targets of the disruptions that stop the thing."""
        return [case.disruption.target for case in self.taken.get((what, name), []) if case.harm.factor == 0]

    def uncounted(self) -> list[str]:
        """The disruptions that are over in time: nothing they hit is worse for it from start to end."""
        counted = [
            case.disruption.id for thing, cases in self.taken.items() if self.best(*thing) != 1 for case in cases
        ]
        return [d.id for d in self.scenario.disruptions if d.id not in counted and not self._lasts(d)]

    def _lasts(self, d: DisruptionSpec) -> bool:
        window = Windows(self.scenario.disruptions).certain(d.id)
        return window is not None and window[0] <= 0 and window[1] >= self.scenario.horizon_s
