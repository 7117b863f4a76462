"""An environment that is stopped, that stands still, or that is left behind: Ctrl-C, threads, standstill, memory."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from sim.environment import Environment
from sim.errors import Stalled
from tests.common.environments import breaking, busy, on, regular

ROOT = Path(__file__).resolve().parents[2]


# --- signals, threads, standstill -------------------------------------------------------------------------------------
INTERRUPTED = """
import os, signal, sys, threading, time
sys.path[:0] = {paths!r}
from environments import busy
from sim.environment import Environment

env = Environment(compiled={compiled})
lines = [busy(env, name) for name in "ABC"] if {floor} else []

def ticking():
    while True:
        yield env.timeout(1)

if not lines:
    env.process(ticking())
sent = []

def other():  # sends Ctrl-C only after it was let run a hundred times
    for _ in range(100):
        time.sleep(0.001)
    sent.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=other, daemon=True).start()
try:
    env.run(until=1e15)
except KeyboardInterrupt:
    print("stopped", time.monotonic() - sent[0])
"""


@pytest.mark.parametrize("floor", [True, False], ids=["machines", "processes"])
def test_ctrl_c_stops_a_long_run_and_other_threads_go_on_meanwhile(environment, floor):
    program = INTERRUPTED.format(
        paths=[str(ROOT), str(ROOT / "tests" / "common")], compiled=environment().compiled, floor=floor
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    word, seconds = done.stdout.split()
    assert word == "stopped", done.stderr
    assert float(seconds) < 10  # a second at most where the machine is free; ten so that no load decides


def test_a_run_taken_up_after_ctrl_c_is_as_if_it_had_not_been_stopped():
    compiled = on("compiled")  # interpreted, Ctrl-C strikes anywhere: nothing is promised then
    stopped, through = Environment(compiled=compiled), Environment(compiled=compiled)
    lines = busy(stopped, "L"), busy(through, "L")

    def alarm(*_):
        raise KeyboardInterrupt

    import signal

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            stopped.run(until=1e12)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    until = stopped.now + 1000
    assert until > 1000
    stopped.run(until=until)
    through.run(until=until)
    assert lines[0].digest() == lines[1].digest()


def test_a_line_on_which_time_stands_still_is_named(environment, monkeypatch):
    monkeypatch.setattr("sim.ahead.floor.STANDSTILL", 20_000)  # the compiled floor keeps its own
    env = environment()
    regular(env, "fast", cycle_s=0.0)
    with pytest.raises(Stalled, match="fast"):
        env.run(until=1)


def test_hands_that_rise_again_and_again_at_one_instant_are_a_standstill(environment, monkeypatch):
    monkeypatch.setattr("sim.ahead.floor.STANDSTILL", 20_000)
    env = environment()
    log = []
    line = breaking(env, "flaky", log, after_s=0.0, repair_s=0.0, then=log.clear)
    with pytest.raises(Stalled):
        env.run(until=1)
    assert line.env.now == 0


def test_processes_among_which_time_stands_still_are_noticed(environment, monkeypatch):
    monkeypatch.setattr("sim.environment.STANDSTILL", 20_000)
    env = environment()

    def spinning():
        while True:
            yield env.timeout(0)

    env.process(spinning())
    with pytest.raises(Stalled, match="time stands still at 0"):
        env.run(until=1)


def test_many_events_at_one_instant_are_no_standstill_yet(environment):
    env = environment()
    for _ in range(3000):
        env.timeout(1)
    env.run(until=2)
    assert env.now == 2


# --- memory -----------------------------------------------------------------------------------------------------------
def resident():
    """Bytes of this process in memory, where the system tells."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if status.exists() else 0


def abandoned(environment):
    """An environment that ran lines whose callbacks and processes all know it: weak references to it and its lines."""
    env = environment()
    env.me = env
    lines = [busy(env, "A", machines=10), breaking(env, "B", [], then=lambda: env.now)]

    def process():
        while True:
            yield env.timeout(3)
            lines[0].stop(0)
            lines[0].mend(0)

    env.process(process())
    env.run(until=12)
    return [weakref.ref(thing) for thing in (env, *lines)]


def test_a_thousand_abandoned_environments_leave_nothing(environment):
    left, sizes = [], []
    for n in range(1000):
        left += abandoned(environment)
        if n % 200 == 199:
            gc.collect()
            sizes.append(resident())
    gc.collect()
    assert len(left) == 3000 and not [ref for ref in left if ref() is not None]
    assert sizes[-1] - sizes[0] < 4e6, sizes  # 800 environments of 30 kB and more
