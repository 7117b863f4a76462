"""The first safe answer: needs in order of rank, each by its cheapest columns that still have room. No solver.

The same pass restores whole pieces after an LP: `round_to_whole`.
"""

from sync.core.problem import Answer, Problem


def greedy(problem: Problem) -> list[int]:
    """Quantity per column. Deterministic: rank, then need number; cost, then earlier day, then column number."""
    return fill(problem, [0] * len(problem.columns), None)


def fill(problem: Problem, start: list[int], prefer: list[int] | None) -> list[int]:
    """Cover what `start` leaves uncovered, within the rows. prefer: columns with a higher value come first."""
    quantities = list(start)
    room = [row.capacity for row in problem.rows]
    uncovered = [need.units for need in problem.needs]
    by_need: list[list[int]] = [[] for _ in problem.needs]
    for number, column in enumerate(problem.columns):
        by_need[column.need].append(number)
        if quantities[number]:
            uncovered[column.need] -= quantities[number]
            for row, use in column.uses:
                room[row] -= use * quantities[number]
    for need in sorted(range(len(problem.needs)), key=lambda n: (problem.needs[n].rank, n)):
        if uncovered[need] <= 0:
            continue
        for number in sorted(by_need[need], key=lambda c: _preference(problem, c, prefer)):
            column = problem.columns[number]
            if column.cost_micro >= problem.needs[need].unmet_micro:
                continue
            take = uncovered[need]
            for row, use in column.uses:
                take = min(take, room[row] // use)
            if take > 0:
                quantities[number] += take
                uncovered[need] -= take
                for row, use in column.uses:
                    room[row] -= use * take
            if uncovered[need] == 0:
                break
    return quantities


def _preference(problem: Problem, number: int, prefer: list[int] | None) -> tuple[int, int, int, int]:
    column = problem.columns[number]
    return (-prefer[number] if prefer else 0, column.cost_micro, column.day, number)


def round_to_whole(problem: Problem, answer: Answer) -> list[int]:
    """Whole units: every column rounded down, the rest of each need to the columns with the largest fractions."""
    floor = [value // 1000 for value in answer.milli]
    fractions = [value % 1000 for value in answer.milli]
    return fill(problem, floor, fractions)
