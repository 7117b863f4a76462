"""The solver port: HiGHS through highspy, imported where it is used. Solves the LP; decides nothing.

Deterministic by construction: one thread, simplex, fixed seed, an iteration limit instead of a time limit. Floats end
here: the answer is thousandths of a unit and duals rounded to minor units, and it is recorded, never recomputed.
"""

from functools import cache
from typing import Any, Protocol

from sync.core.problem import Answer, Problem
from sync.vocabulary.quantities import MICRO_PER_MINOR

ITERATION_LIMIT = 200_000
BASE_LATENCY_MS = 20
COLUMNS_PER_MS = 50


class Solver(Protocol):
    """Answers a Problem, or None when it cannot."""

    def solve(self, problem: Problem) -> Answer | None: ...


def latency_ms(problem: Problem) -> int:
    """How long a solver is taken to need, from the problem's size alone: machine speed never changes a result."""
    return BASE_LATENCY_MS + len(problem.columns) // COLUMNS_PER_MS


class Highs:
    """The LP by HiGHS. Every need has an `unmet` column, so the LP is always feasible."""

    def solve(self, problem: Problem) -> Answer | None:
        import highspy

        if not problem.columns:
            return Answer((), problem.cost_minor([]), {})
        highs = silent(highspy)
        for name, value in (("threads", 1), ("solver", "simplex"), ("random_seed", 0),
                            ("parallel", "off"), ("simplex_iteration_limit", ITERATION_LIMIT)):  # fmt: skip
            highs.setOptionValue(name, value)
        highs.passModel(_model(problem, highspy))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = highs.getSolution()
        milli = tuple(max(round(v * 1000), 0) for v in solution.col_value[: len(problem.columns)])
        duals: dict[str, int] = {}
        for row, dual in zip(problem.rows, solution.row_dual[len(problem.needs) :], strict=True):
            worth = round(-dual)  # rows are scaled to their dual unit
            if worth > 0:
                duals[row.name] = worth
        return Answer(milli, round(highs.getInfo().objective_function_value), duals)


def silent(highspy: Any) -> Any:
    """A solver that prints nothing, its constructor included."""
    highs = _silent_class(highspy)()
    highs.setOptionValue("output_flag", False)
    return highs


@cache
def _silent_class(highspy: Any) -> Any:
    """From 1.16 on the constructor prints a banner in its last step, which is told here to be quiet first."""

    class Silent(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    return Silent


def _scales(problem: Problem) -> list[float]:
    """Rows in their own dual unit (hours of a line, pieces), so that coefficients stay near 1."""
    return [float(row.dual_unit) for row in problem.rows]


def _model(problem: Problem, highspy: Any) -> Any:
    import numpy as np

    needs, columns, rows = len(problem.needs), len(problem.columns), len(problem.rows)
    scales = _scales(problem)
    starts, indices, values = [0], [], []
    for column in problem.columns:
        indices.append(column.need)
        values.append(1.0)
        for row, use in column.uses:
            indices.append(needs + row)
            values.append(use / scales[row])
        starts.append(len(indices))
    for need in range(needs):
        indices.append(need)
        values.append(1.0)
        starts.append(len(indices))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns + needs, needs + rows
    costs = [c.cost_micro / MICRO_PER_MINOR for c in problem.columns]
    lp.col_cost_ = np.array(costs + [n.unmet_micro / MICRO_PER_MINOR for n in problem.needs])
    lp.col_lower_ = np.zeros(columns + needs)
    lp.col_upper_ = np.full(columns + needs, highspy.kHighsInf)
    units = [float(n.units) for n in problem.needs]
    lp.row_lower_ = np.array(units + [-highspy.kHighsInf] * rows)
    lp.row_upper_ = np.array(units + [r.capacity / s for r, s in zip(problem.rows, scales, strict=True)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.array(starts)
    lp.a_matrix_.index_ = np.array(indices)
    lp.a_matrix_.value_ = np.array(values)
    return lp
