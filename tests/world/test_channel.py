"""Channels: when a message arrives, and what its faults do to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plants.definition import ChannelProfile
from plants.shifts import Shifts
from plants.systems.channel import Bus, Channel, Fault
from sim.environment import Environment
from sim.streams import Law, Streams, constant
from sync.vocabulary.messages import LineResumed

OFFICE = Shifts([(8 * 3600.0, 16 * 3600.0), (32 * 3600.0, 40 * 3600.0)])


def channel(profile: ChannelProfile, seed: int = 1) -> Channel:
    env = Environment()
    return Channel(env, "n.mes", profile, Streams(seed), Bus(env), OFFICE)


def say(c: Channel, at_s: float) -> None:
    c.env.call_at(at_s, lambda: c.post("n.L1", LineResumed(line="n.L1")))


def arrivals(c: Channel) -> list[float]:
    c.env.run()
    return [at / 1000 for at, _ in c.bus.log]


@pytest.mark.parametrize(
    ("profile", "said_h", "arrives_h"),
    [
        (ChannelProfile("immediate", constant(60.0)), [1.0], [1 + 1 / 60]),
        (ChannelProfile("batch", every_s=7200.0), [1.0, 1.5, 2.0], [2.0, 2.0, 4.0]),
        (ChannelProfile("file", every_s=1800.0), [0.1], [0.5]),
        (ChannelProfile("mail", constant(3 * 3600.0)), [7.0, 14.0], [11.0, 33.0]),
    ],
)
def test_each_profile_posts_when_it_says(profile: ChannelProfile, said_h: list[float], arrives_h: list[float]) -> None:
    c = channel(profile)
    for hour in said_h:
        say(c, hour * 3600)
    assert arrivals(c) == pytest.approx([h * 3600 for h in arrives_h], abs=0.002)


def test_two_hour_batches_of_uniform_messages_are_an_hour_stale_on_average() -> None:
    c = channel(ChannelProfile("batch", every_s=7200.0))
    said = [n * 97.0 for n in range(5000)]
    for at in said:
        say(c, at)
    late = sorted(a - s for a, s in zip(arrivals(c), said, strict=True))
    assert sum(late) / len(late) / 60 == pytest.approx(60.0, rel=0.01)
    assert late[int(0.95 * len(late))] / 60 == pytest.approx(114.0, rel=0.01)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    st.lists(st.floats(0, 100_000), min_size=1, max_size=60),
    st.floats(0, 0.5),
    st.lists(st.tuples(st.floats(0, 90_000), st.floats(1, 20_000)), max_size=3),
)
def test_a_channel_that_loses_nothing_delivers_every_message_at_least_once_whatever_happens(
    said: list[float], duplicates: float, outages: list[tuple[float, float]]
) -> None:
    c = channel(ChannelProfile("immediate", Law("exponential", (600.0,)), duplicates=duplicates, reorders=0.2))
    for at in said:
        say(c, at)
    for at, length in outages:
        c.env.call_at(at, c.stop)
        c.env.call_at(at + length, c.restore)
    c.env.run()
    sequences = [m.sequence for _, m in c.bus.log]
    assert set(sequences) == set(range(1, len(said) + 1))
    assert all(m.time_ms >= m.noticed_ms for _, m in c.bus.log)


def test_a_system_that_keeps_nothing_while_down_loses_what_was_said() -> None:
    c = channel(ChannelProfile("immediate", constant(1.0), keeps_while_down=False))
    c.stop()
    say(c, 10.0)
    assert arrivals(c) == []
    assert c.bus.lost == 1


def test_faults_corrupt_skew_and_lose_only_the_message_they_name() -> None:
    c = channel(ChannelProfile("immediate", constant(1.0)))
    c.faults.append(Fault(message="line.resumed", corrupts=1.0, clock_skew_s=30.0))
    say(c, 10.0)
    c.env.run()
    ((_, message),) = c.bus.log
    assert message.data == {"corrupt": True}
    assert message.time_ms == 41_000
    c.faults[:] = [Fault(message="line.stopped", loses=1.0)]
    say(c, 20.0)
    c.env.run()
    assert len(c.bus.log) == 2


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_system_that_was_down_spares_no_message_its_fault(share: float) -> None:
    """Whether a message is damaged hangs on the message, not on whether it had to wait for its system."""
    unreadable: list[list[int]] = []
    for down in (False, True):
        c = channel(ChannelProfile("immediate", constant(1.0)))
        c.faults.append(Fault(corrupts=share))
        for n in range(50):
            say(c, 10.0 * n)
        if down:
            c.env.call_at(95.0, c.stop)
            c.env.call_at(300.5, c.restore)
        c.env.run()
        assert len(c.bus.log) == 50
        unreadable.append([m.noticed_ms for m in c.bus.mishaps])
        assert [m.noticed_ms for _, m in c.bus.log if m.data == {"corrupt": True}] == unreadable[-1]
    assert unreadable[0] == unreadable[1]
    assert {0.0: 0, 1.0: 50}.get(share, len(unreadable[0])) == len(unreadable[0])


FLAWED = ChannelProfile("mail", Law("exponential", (1200.0,)), loses=0.3, duplicates=0.2, reorders=0.2)
WRONG = Fault(corrupts=0.2, wrong_code=0.3, delay_s=Streams(3).keyed("late", Law("gamma", (600.0, 0.5))))


def fates(
    said: list[tuple[float, str]], profile: ChannelProfile, fault: Fault | None = None
) -> dict[str, list[object]]:
    """Subject -> what became of the messages about it, in the order in which they were said."""
    c = channel(profile, seed=7)
    c.office = Shifts([(day * 86_400 + 28_800.0, day * 86_400 + 61_200.0) for day in range(40)])
    c.faults += [fault] if fault else []
    for at, subject in said:
        c.env.call_at(at, lambda s=subject: c.post(s, LineResumed(line=s)))  # type: ignore[misc]
    c.env.run()
    became: dict[str, list[object]] = {subject: [] for _, subject in said}
    for at_ms, m in c.bus.log:
        became[m.subject].append((m.noticed_ms, at_ms, str(m.data)))
    for mishap in c.bus.mishaps:
        became[mishap.subject].append((mishap.noticed_ms, mishap.fate))
    return became


@pytest.mark.parametrize("fault", [None, WRONG])
@pytest.mark.parametrize("profile", [FLAWED, ChannelProfile("immediate", Law("lognormal", (60.0, 2.0)), loses=0.5)])
@pytest.mark.parametrize("where", [0.5, 30_000.0, 200_000.0])
def test_one_message_more_changes_the_fate_of_no_other(
    profile: ChannelProfile, fault: Fault | None, where: float
) -> None:
    said = [(1000.0 * n, f"n.L{n % 7}") for n in range(1, 150)]
    before, after = fates(said, profile, fault), fates(sorted([*said, (where, "n.new")]), profile, fault)
    assert after.pop("n.new") is not None
    assert after == before
    assert len({str(fate) for of in before.values() for fate in of}) > 100


def test_where_nothing_can_go_wrong_nothing_is_drawn() -> None:
    c = channel(ChannelProfile("immediate", constant(1.0)))
    for n in range(50):
        say(c, 10.0 * n)
    c.env.run()
    assert c.streams.names == []
    assert c._draws == {} and c._causes._seen == {}


def test_what_was_lost_or_could_not_be_read_is_on_record() -> None:
    c = channel(ChannelProfile("immediate", constant(1.0), loses=0.5))
    c.faults.append(Fault(corrupts=0.5))
    for n in range(400):
        say(c, 10.0 * n)
    c.env.run()
    lost, unreadable = c.bus.lost, sum(m.data == {"corrupt": True} for _, m in c.bus.log)
    assert lost + len(c.bus.log) == 400 and 150 < lost < 250
    assert [m.fate for m in c.bus.mishaps].count("unreadable") == unreadable > 50
