"""Exercises in backpropagation on random numbers, with answers that are checked.

>>> exercise = pose(1, seed=0)
>>> exercise.check("t - y")
delta: wrong, all 3 entries differ, most [0, 0]: -7.59 instead of 7.59. Likely: the sign.
>>> exercise.check("y - t").correct
True
"""

from __future__ import annotations

from .. import errors
from . import batch_forms, output_delta, sigmoid_and_losses, stable_softmax, two_layers
from .exercise import Asked, Exercise
from .feedback import Answer, Feedback

EXERCISES = {
    1: output_delta,
    2: sigmoid_and_losses,
    3: two_layers,
    4: stable_softmax,
    5: batch_forms,
}


def pose(number: int, seed: int = 0) -> Exercise:
    """An exercise on random numbers.

    Parameters
    ----------
    number : int
        1: the delta of the output; 2: the sigmoid with two losses; 3: all gradients of a network with two layers;
        4: the softmax of large numbers; 5: the four equations for a batch.
    seed : int
        Of the random numbers.

    Returns
    -------
    Exercise
        Print it to read it; `Exercise.check` takes an answer.

    Raises
    ------
    InputError
        If there is no such exercise.

    Examples
    --------
    >>> print(pose(2, seed=1).title)
    The sigmoid with two losses
    """
    errors.number("pose", "number", number, low=1, high=len(EXERCISES), integer=True)
    errors.number("pose", "seed", seed, low=0, integer=True)
    return EXERCISES[int(number)].pose(int(number), int(seed))


__all__ = ["EXERCISES", "Answer", "Asked", "Exercise", "Feedback", "pose"]
