"""What the tests of the kernel share."""

from functools import partial

import pytest

from sim.environment import Environment
from tests.common.environments import on


@pytest.fixture(params=["compiled", "interpreted"])
def environment(request):
    """Makes environments on one of the two floors."""
    return partial(Environment, compiled=on(request.param))
