"""Which columns a network's score depends on: permutation importance, and columns that share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
Score = Callable[[np.ndarray, np.ndarray], float]

#: Numbers of a block of rows that are predicted at once.
BLOCK = 1 << 19
ROWS = 2000  # at most, of a part in which columns are permuted
FEWEST = 100  # rows that must do, of a larger part
WORK = 2e10  # multiplications: a fraction of a second, a second on slow machines
MANY = 200  # columns, of which only the `CHOSEN` are measured that change the predictions most
CHOSEN = 50
SCREENED = (20, 100)  # rows for that: at least, at most


@dataclass(frozen=True, eq=False)
class Importance:
    """What the score loses when the entries of a column are permuted: mean and standard deviation over repeats."""

    column: str
    drop: float
    spread: float


def permutation_importance(
    predict: Predict,
    score: Score,
    x: np.ndarray,
    t: np.ndarray,
    inputs: Mapping[str, np.ndarray],
    permutations: np.ndarray,
) -> list[Importance]:
    """score(predict(x), t) − the score with the inputs of a column permuted together, the largest first.

    Parameters
    ----------
    predict : callable
        Rows (m, d) → predictions (m, …); called with many permuted copies of x at once.
    score : callable
        Predictions and targets → a number, the larger the better.
    x : ndarray (n, d)
        Samples that the network was not trained on.
    t : ndarray (n, …)
        Their targets, as `score` takes them.
    inputs : mapping
        Name of a column → the positions of its inputs in x.
    permutations : ndarray (repeats, n) of int
        Orders of the rows, the same for all columns.

    Sources: Breiman, *Random forests* (2001), §10; Fisher, Rudin, Dominici, *All models are wrong, but many are useful*
    (2019).

    Examples
    --------
    The sum of two columns, of which one varies twice as much, and a column that is not used:

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 3)) * [2, 1, 1]
    >>> orders = rng.permuted(np.tile(np.arange(500), (5, 1)), axis=1)
    >>> inputs = {name: np.array([i]) for i, name in enumerate("abc")}
    >>> found = permutation_importance(
    ...     lambda x: x[:, 0] + x[:, 1], lambda y, t: -np.mean((y - t) ** 2), x, x[:, 0] + x[:, 1], inputs, orders
    ... )
    >>> [(one.column, round(one.drop)) for one in found]
    [('a', 8), ('b', 2), ('c', 0)]
    """
    whole = score(predict(x), t)
    jobs = [(places, order) for places in inputs.values() for order in permutations]
    at_once = max(1, BLOCK // x.size)
    scores = []
    for start in range(0, len(jobs), at_once):
        chosen = jobs[start : start + at_once]
        block = np.tile(x, (len(chosen), 1, 1))
        for copy, (places, order) in zip(block, chosen, strict=True):
            copy[:, places] = x[np.ix_(order, places)]
        y = predict(block.reshape(-1, x.shape[1]))
        scores += [score(one, t) for one in y.reshape(len(chosen), len(x), *y.shape[1:])]
    drops = whole - np.reshape(scores, (len(inputs), len(permutations)))
    found = map(Importance, inputs, drops.mean(axis=1).tolist(), drops.std(axis=1).tolist())
    return sorted(found, key=lambda one: -one.drop)


def bounded_importance(
    predict: Predict,
    score: Score,
    x: np.ndarray,
    t: np.ndarray,
    inputs: Mapping[str, np.ndarray],
    rng: np.random.Generator,
    cost: float,
) -> tuple[list[Importance], int, int]:
    """`permutation_importance` on up to 2,000 rows, with 5 or 10 repeats, so that it takes about a second.

    Of more than 200 columns the 50 are measured whose permutation changes the predictions for up to 100 rows most.

    Parameters
    ----------
    predict, score, x, t, inputs
        As `permutation_importance` takes them; predictions are numbers.
    rng : numpy Generator
        Chooses the rows and their orders.
    cost : float
        Multiplications for a row.

    Returns
    -------
    importances : list of Importance
        Empty if even 100 rows take too long, or the score of x is not a number.
    rows, repeats : int
        How many of each; no rows if these would take too long.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(300, 250))
    >>> inputs = {f"x{i}": np.array([i]) for i in range(250)}
    >>> found, rows, repeats = bounded_importance(
    ...     lambda x: x[:, 7], lambda y, t: -np.mean((y - t) ** 2), x, x[:, 7], inputs, np.random.default_rng(0), 250
    ... )
    >>> found[0].column, len(found), rows, repeats
    ('x7', 50, 300, 10)
    """
    n, affordable = len(x), WORK / cost
    if not np.isfinite(score(predict(x), t)):
        return [], n, 0
    screened = int(affordable / 2 / max(1, len(inputs)))  # rows
    if len(inputs) > MANY and screened >= SCREENED[0]:
        few = x[rng.permutation(n)[: min(SCREENED[1], screened)]]
        changes = permutation_importance(
            predict, _minus_distance, few, predict(few), inputs, rng.permutation(len(few))[np.newaxis]
        )
        inputs = {one.column: inputs[one.column] for one in changes[:CHOSEN]}
    columns = max(1, len(inputs))
    repeats = 10 if affordable / 5 >= 10 * columns * min(n, ROWS) else 5  # where these are quick
    rows = min(n, ROWS, int(affordable / (repeats * columns)))
    if rows < min(n, FEWEST):
        return [], 0, 0
    chosen = np.arange(n) if rows == n else np.sort(rng.choice(n, rows, replace=False))
    orders = rng.permuted(np.tile(np.arange(rows), (repeats, 1)), axis=1)
    return permutation_importance(predict, score, x[chosen], t[chosen], inputs, orders), rows, repeats


def _minus_distance(y: np.ndarray, t: np.ndarray) -> float:
    return -float(np.abs(y - t).mean())


def correlated(x: np.ndarray, inputs: Mapping[str, np.ndarray]) -> dict[tuple[str, str], float]:
    """How strongly each pair of columns is correlated, from 0 to 1: |r| for columns of one input each.

    For columns of several inputs the square root of the RV coefficient, ‖AᵀB‖² / (‖AᵀA‖ ‖BᵀB‖) for the centred inputs
    A and B of the two columns: 1 for categories that are the same under other names. 0 where a column is constant.

    Source: Robert, Escoufier, *A unifying tool for linear multivariate statistical methods: the RV-coefficient* (1976).

    Examples
    --------
    >>> x = np.array([[1.0, -2.0, 0.0], [2.0, -4.0, 1.0], [3.0, -6.0, 0.0]])
    >>> pairs = correlated(x, {name: np.array([i]) for i, name in enumerate("abc")})
    >>> {pair: round(r, 3) for pair, r in pairs.items()}
    {('a', 'b'): 1.0, ('a', 'c'): 0.0, ('b', 'c'): 0.0}
    """
    names = [name for name, places in inputs.items() if len(places)]
    if len(names) < 2:
        return {}
    z = x[:, np.concatenate([inputs[name] for name in names])].astype(np.float64)
    z -= z.mean(axis=0)
    firsts = np.cumsum([0, *(len(inputs[name]) for name in names)])[:-1]
    common = np.add.reduceat(np.add.reduceat(np.square(z.T @ z), firsts, axis=0), firsts, axis=1)
    own = np.sqrt(np.diagonal(common))
    norm = np.outer(own, own)
    r = np.sqrt(np.divide(common, norm, out=np.zeros_like(common), where=norm > 0))
    return {
        (names[i], names[j]): r[i, j].item()
        for i, j in zip(*(axis.tolist() for axis in np.triu_indices(len(names), 1)), strict=True)
    }
