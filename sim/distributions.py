"""The distributions: one row each. Files, the world above the floor and the floor itself ask this table.

A row says which parameters there are and what they may be, how a file writes them, what the mean is, and as which
draw of the leaf (`sim.ahead.draws`) a number is made. A distribution that is a case of such a draw (an Erlang is a
gamma) needs nothing but its row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import gamma, isfinite, isnan, log, sqrt

Params = tuple[float, ...]


@dataclass(frozen=True)
class Parameter:
    """One parameter. written: a file's value must be `above` 0 or `from` 0 on; drawn: what can be drawn from is `above`
    0, `from` 0 on, or `any` number. pure: a number without the unit of what is drawn; whole: an integer."""

    name: str
    written: str = "above"
    drawn: str = "from"
    pure: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Distribution:
    """One row. form: how a file writes the parameters: one `value`, a `mapping`, a `list` that ascends, or a `file`.

    drawn: the parameters as the leaf's draw takes them; wide: the first and the last must differ; example: parameters
    that can be used; text: one sentence for people.
    """

    name: str
    text: str
    form: str
    parameters: tuple[Parameter, ...]
    mean: Callable[[Params], float]
    draw: str
    drawn: Callable[[Params], Params]
    example: Params = ()
    wide: bool = False

    @property
    def written(self) -> str:
        """Its parameters as a file writes them: `mean`, `{mean, cv}`, `[a, b]`, `file.csv`."""
        names = ", ".join(p.name for p in self.parameters)
        return {"value": names, "mapping": f"{{{names}}}", "list": f"[{names}]", "file": "file.csv"}[self.form]


def _first(p: Params) -> float:
    return p[0]


def _average(p: Params) -> float:
    return sum(p) / len(p)


def _as_it_is(p: Params) -> Params:
    return p


def _log_scale(p: Params) -> Params:
    """Mean and sigma of the logarithm, from mean and coefficient of variation."""
    sigma2 = log(1 + p[1] * p[1])
    return log(p[0]) - sigma2 / 2, sqrt(sigma2)


def _shape_and_scale(p: Params) -> Params:
    """Of a gamma, from mean and coefficient of variation."""
    shape = 1 / (p[1] * p[1])
    return shape, p[0] / shape


MEAN, CV = Parameter("mean"), Parameter("cv", drawn="above", pure=True)

ROWS = (
    Distribution(
        "constant", "Always the same.", "value",
        (Parameter("value", written="from", drawn="any"),), _first,
        "constant", lambda p: (max(p[0], 0.0),), example=(2,),
    ),
    Distribution(
        "exponential", "Without memory, by its mean.", "value",
        (MEAN,), _first,
        "exponential", _as_it_is, example=(30,),
    ),
    Distribution(
        "normal", "By mean and standard deviation; what would be negative is 0.", "mapping",
        (Parameter("mean", written="from", drawn="any"), Parameter("sd", written="from")), _first,
        "normal", _as_it_is, example=(8, 1),
    ),
    Distribution(
        "lognormal", "By mean and coefficient of variation (standard deviation over mean).", "mapping",
        (Parameter("mean", drawn="above"), Parameter("cv", pure=True)), _first,
        "lognormal", _log_scale, example=(4, 0.3),
    ),
    Distribution(
        "gamma", "By mean and coefficient of variation (standard deviation over mean).", "mapping",
        (MEAN, CV), _first,
        "gamma", _shape_and_scale, example=(4, 0.5),
    ),
    Distribution(
        "erlang", "By mean and k: the sum of k exponential phases, coefficient of variation 1 / sqrt(k).", "mapping",
        (MEAN, Parameter("k", drawn="above", pure=True, whole=True)), _first,
        "gamma", lambda p: (p[1], p[0] / p[1]), example=(4, 3),
    ),
    Distribution(
        "weibull", "By scale and shape; a shape above 1 is wear, below 1 early failure.", "mapping",
        (Parameter("scale"), Parameter("shape", drawn="above", pure=True)), lambda p: p[0] * gamma(1 + 1 / p[1]),
        "weibull", lambda p: (p[1], p[0]), example=(90, 2),
    ),
    Distribution(
        "uniform", "Anything from a to b alike.", "list",
        (Parameter("a", written="from", drawn="any"), Parameter("b", written="from", drawn="any")), _average,
        "uniform", lambda p: (p[0], p[1] - p[0]), example=(1, 4),
    ),
    Distribution(
        "triangular", "From a to b, most often the mode.", "list",
        tuple(Parameter(name, written="from", drawn="any") for name in ("a", "mode", "b")), _average,
        "triangular", _as_it_is, example=(1, 2, 4), wide=True,
    ),
    Distribution(
        "empirical", "One of the values of a CSV file, each alike.", "file",
        (), _average,
        "empirical", lambda _: (),
    ),
)  # fmt: skip

DISTRIBUTIONS = {row.name: row for row in ROWS}


def fault_of(kind: str, params: Params) -> str:
    """Why no number can be drawn from `kind` with `params`; empty when one can. Other parameters than these the
    compiled floor would draw nonsense from, in silence."""
    row = DISTRIBUTIONS[kind]
    wanted = len(row.parameters)
    if len(params) != wanted if wanted else not params:
        return f"{kind} with {len(params)} parameters. allowed: {wanted or '1 or more'}"
    if any(isnan(x) for x in params) or (kind != "constant" and not all(map(isfinite, params))):
        return f"{kind} {params} is not finite"
    if not all(_drawable(row, params)):
        return f"{kind} {params} cannot be drawn from. See sim.distributions"
    return ""


def _drawable(row: Distribution, params: Params) -> Iterator[bool]:
    for parameter, x in zip(row.parameters, params, strict=False):
        yield {"above": x > 0.0, "from": x >= 0.0, "any": True}[parameter.drawn]
        yield not parameter.whole or x == int(x)
    if row.form == "list":
        yield list(params) == sorted(params)
    yield not row.wide or params[0] < params[-1]
