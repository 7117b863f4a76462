"""Rules for what stands or is slow: lines and lanes, as their systems tell. A long stop or a closed lane is a trigger:
the network must be looked at again."""

from sync.core.state import Breakdown, LaneBelief, LineBelief, State
from sync.vocabulary import messages as m
from sync.vocabulary.decisions import Trigger
from sync.vocabulary.quantities import MS_PER_H

LONG_STOP_MS = 4 * MS_PER_H  # shorter stops are the line's own business: nobody ships round them
SLOW_PPM = 900_000


def stop_line(state: State, body: m.LineStopped, message: m.Message, now_ms: int) -> None:
    if body.machine:
        break_down(state, body, message)
        return
    belief = state.lines.setdefault(body.line, LineBelief())
    belief.down_since_ms = body.since_ms
    belief.down_until_ms = body.since_ms + body.expected_ms if body.expected_ms >= 0 else -1
    if body.expected_ms < 0 or body.expected_ms >= LONG_STOP_MS:
        notice(state, "line-stopped", body.line, message, body.expected_ms)


def break_down(state: State, body: m.LineStopped, message: m.Message) -> None:
    """A machine is all that holds the line. Recorded, and no reason to look: most are repaired within the hour. A
    reported stop that held the line before is over."""
    until = body.since_ms + body.expected_ms if body.expected_ms >= 0 else -1
    state.breakdowns[body.line] = Breakdown(body.machine, body.since_ms, until)
    belief = state.lines.get(body.line)
    if belief is not None and belief.down_since_ms >= 0:
        belief.down_since_ms = belief.down_until_ms = -1
        notice(state, "line-resumed", body.line, message)


def resume_line(state: State, body: m.LineResumed, message: m.Message, now_ms: int) -> None:
    state.breakdowns.pop(body.line, None)
    if body.machine and (body.line not in state.lines or state.lines[body.line].down_since_ms < 0):
        return
    belief = state.lines.setdefault(body.line, LineBelief())
    belief.down_since_ms = belief.down_until_ms = -1
    notice(state, "line-resumed", body.line, message)


def slow_line(state: State, body: m.LineSlowed, message: m.Message, now_ms: int) -> None:
    belief = state.lines.setdefault(body.line, LineBelief())
    belief.factor_ppm = max(body.factor_ppm, 0)
    belief.slow_until_ms = body.since_ms + body.expected_ms if body.expected_ms >= 0 else -1
    if body.factor_ppm < SLOW_PPM and not 0 <= body.expected_ms < LONG_STOP_MS:
        notice(state, "line-slowed", body.line, message, body.expected_ms, body.factor_ppm)
    elif body.factor_ppm >= 1_000_000:
        notice(state, "line-resumed", body.line, message)


def close_lane(state: State, body: m.LaneClosed, message: m.Message, now_ms: int) -> None:
    belief = state.lanes.setdefault(body.lane, LaneBelief())
    belief.closed_since_ms = body.since_ms
    belief.closed_until_ms = body.since_ms + body.expected_ms if body.expected_ms >= 0 else -1
    notice(state, "lane-closed", body.lane, message, body.expected_ms)


def open_lane(state: State, body: m.LaneOpened, message: m.Message, now_ms: int) -> None:
    belief = state.lanes.setdefault(body.lane, LaneBelief())
    belief.closed_since_ms = belief.closed_until_ms = -1
    notice(state, "lane-opened", body.lane, message)


def slow_lane(state: State, body: m.LaneSlowed, message: m.Message, now_ms: int) -> None:
    state.lanes.setdefault(body.lane, LaneBelief()).factor_ppm = max(body.factor_ppm, 1)


def notice(
    state: State, code: str, target: str, message: m.Message, expected_ms: int = -1, factor_ppm: int = 1_000_000
) -> None:
    """The network must be looked at again."""
    trigger = Trigger(code, target, message.id, message.source, message.type, target, expected_ms, factor_ppm)
    state.triggers.append(trigger)
