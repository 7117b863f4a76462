"""SimPy's tests meet our environment: from here on `simpy.Environment` is `sim.environment.Environment`.

Loaded into the test process as a pytest plugin, and into SimPy's example programs by `sitecustomize`. What became of
each test, and how many environments of ours were made, is written to the file SIMPY_SUITE_REPORT when a session ends.
"""

import json
import os
from pathlib import Path

import simpy
import simpy.core

from sim.ahead.active import active
from sim.environment import Environment

simpy.Environment = simpy.core.Environment = Environment

_outcomes: dict[str, str] = {}
_made = 0
_init = Environment.__init__


def pytest_configure():
    """Count the environments made, so that the alias is seen to work."""

    def counted(self, *args, **options):
        global _made  # noqa: PLW0603
        _made += 1
        _init(self, *args, **options)

    Environment.__init__ = counted


def pytest_runtest_logreport(report):
    """Keep the worst of a test's phases."""
    if report.outcome != "passed" or report.nodeid not in _outcomes:
        _outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish():
    told = {"floor": str(active()), "made": _made, "outcomes": _outcomes}
    Path(os.environ["SIMPY_SUITE_REPORT"]).write_text(json.dumps(told))
