"""Markov chains in continuous time: from the moves of a small model to its long-run rates, by one linear solve.

A model is a start state and a function `moves(state) -> [(rate, next state)]`; states are anything hashable. The chain
is solved whole (every state that can be reached), so it is for thousands of states, not for millions. Nothing is
simulated here and nothing is known of the machine floor: this is the other side of the comparison.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import numpy as np

State = TypeVar("State", bound=Hashable)
LARGEST = 5_000


def stationary(start: State, moves: Callable[[State], Iterable[tuple[float, State]]]) -> dict[State, float]:
    """The long-run share of time in every state that `start` leads to (global balance, pi Q = 0, sum pi = 1).

    Rates are per unit of time, all greater than 0. The chain must come back to `start` from everywhere; numpy raises
    LinAlgError when it does not. Raises ValueError beyond 5,000 states.
    """
    index = {start: 0}
    arrows: list[tuple[int, int, float]] = []
    states = [start]
    for n, state in enumerate(states):  # grows while it is read: breadth first
        for rate, following in moves(state):
            if following not in index:
                index[following] = len(states)
                states.append(following)
            arrows.append((n, index[following], rate))
        if len(states) > LARGEST:
            raise ValueError(f"the chain has more than {LARGEST} states")
    balance = np.zeros((len(states), len(states)))
    for source, target, rate in arrows:
        balance[target, source] += rate
        balance[source, source] -= rate
    balance[0] = 1.0  # one of the equations follows from the others; the shares sum to 1 instead
    right = np.zeros(len(states))
    right[0] = 1.0
    return dict(zip(states, np.linalg.solve(balance, right).tolist(), strict=True))
