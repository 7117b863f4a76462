"""The models of the bench, one contestant at a time, for pytest-benchmark: `make bench`. Nothing is compared here."""

from typing import Any

import pytest

from bench import hold, line, mm1
from bench.peers import Missing, Peer, peer
from bench.race import Play

ROUNDS = 5


def play(benchmark: Any, who: Peer, *sizes: Any) -> None:
    """Build the model outside the clock and run it inside, `ROUNDS` times."""
    try:
        peer(who.module)
    except Missing as why:
        pytest.skip(str(why))
    plays: list[Play] = []
    seeds = iter(range(1, 1_000))

    def build() -> tuple[tuple[Play], dict[str, Any]]:
        plays.append(who.build(*sizes, next(seeds)))
        return (plays[-1],), {}

    benchmark.pedantic(lambda play: play.go(), setup=build, rounds=ROUNDS)
    events = sum(play.read().events for play in plays) / len(plays)
    benchmark.extra_info["events"] = round(events)
    if benchmark.stats:
        benchmark.extra_info["ns_per_event"] = round(benchmark.stats.stats.median / events * 1e9, 1)
    assert events > 0


@pytest.mark.parametrize("who", [hold.OURS, *hold.PEERS], ids=lambda p: p.name)
@pytest.mark.parametrize("pending", [10, 1_000])
def test_hold(benchmark: Any, who: Peer, pending: int) -> None:
    play(benchmark, who, pending, 50_000 / pending)


@pytest.mark.parametrize("who", [mm1.OURS, *mm1.PEERS], ids=lambda p: p.name)
def test_mm1(benchmark: Any, who: Peer) -> None:
    play(benchmark, who, 20_000.0)


@pytest.mark.parametrize("who", [line.OURS, *line.PEERS], ids=lambda p: p.name)
def test_line(benchmark: Any, who: Peer) -> None:
    play(benchmark, who, 4_000.0)
