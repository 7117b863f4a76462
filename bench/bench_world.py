"""One simulated fortnight of the line-stoppage network, per way of working."""

from typing import Any

import pytest

from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import assemble

FORTNIGHT_S = 14 * 86_400.0


@pytest.mark.parametrize("way", ["none", "fragmented", "synced"])
def test_fortnight(benchmark: Any, way: str) -> None:
    scenario = load_scenario("line-stoppage").scenario

    def simulate() -> int:
        twin = assemble(scenario, way, 7)
        twin.env.advance(FORTNIGHT_S)
        return twin.env.trace.fired

    fired = benchmark.pedantic(simulate, rounds=3, iterations=1)
    benchmark.extra_info["events"] = fired
    benchmark.extra_info["events_per_s"] = round(fired / benchmark.stats.stats.median) if benchmark.stats else None
    assert fired > 10_000
