"""How numbers are drawn: every kind of draw that the leaf knows, interpreted.

The order is that of the enum in `leaf.h`; parameters a, b, c are those of numpy's distribution functions. Names of
distributions, and how their parameters become these, are rows of `sim.distributions`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

# (generator, a, b, c, values, n) -> n draws, each as the leaf makes it
Draw = Callable[[np.random.Generator, float, float, float, Any, int], "np.ndarray[Any, np.dtype[np.float64]]"]

DRAWS: dict[str, Draw] = {
    "constant": lambda _, a, b, c, values, n: np.full(n, a),
    "exponential": lambda g, a, b, c, values, n: g.exponential(a, n),
    "normal": lambda g, a, b, c, values, n: g.normal(a, b, n),
    "lognormal": lambda g, a, b, c, values, n: g.lognormal(a, b, n),
    "gamma": lambda g, a, b, c, values, n: g.gamma(a, b, n),
    "weibull": lambda g, a, b, c, values, n: b * g.weibull(a, n),
    "uniform": lambda g, a, b, c, values, n: a + b * g.random(n),
    "triangular": lambda g, a, b, c, values, n: g.triangular(a, b, c, n),
    "empirical": lambda g, a, b, c, values, n: values[(g.random(n) * len(values)).astype(int)],
}
NAMES = tuple(DRAWS)
CONSTANT = NAMES.index("constant")
