"""Delta-bar-delta: a rate for each weight, higher while its gradient keeps its sign and lower when that oscillates."""

from dataclasses import dataclass

import numpy as np

from .base import Decay, Epsilon, Optimizer, Rate


@dataclass(frozen=True)
class DeltaBarDelta(Optimizer):
    """With ḡ, the average of earlier gradients, and a gain for each parameter, 1 at first::

        gain ← gain + κ           where ḡ g > 0
        gain ← (1 − φ) gain       where ḡ g < 0
        ḡ ← (1 − ϑ) g + ϑ ḡ
        θ ← θ − α · gain · g

    Made for the gradient over all samples. The noise of mini-batches looks like an oscillation: choose large ones.

    Parameters
    ----------
    learning_rate, weight_decay : float or Schedule
        α ≥ 0, the rate of every parameter at first; λ ≥ 0, by keyword only: see `Optimizer`.
    increase : float or Schedule
        κ > 0, in units of the learning rate.
    decrease : float or Schedule
        φ in [0, 1).
    averaging : float or Schedule
        ϑ in [0, 1): the average reaches back about 1/(1 − ϑ) steps.

    Source: Jacobs, *Increased rates of convergence through learning rate adaptation* (1988), eqs. 5 and 6.

    Examples
    --------
    >>> rule, theta = DeltaBarDelta(0.1, increase=0.5, decrease=0.5), np.zeros(2)
    >>> state = rule.init(theta)
    >>> for k, grad in enumerate([[1.0, 1.0], [1.0, -1.0]]):
    ...     rule.step(theta, np.array(grad), state, k)
    >>> print(state["gain"], theta)
    [1.5 0.5] [-0.25 -0.05]
    """

    operation = "delta_bar_delta"
    vectors = ("average", "gain")
    numbers = ("averaging", "decrease", "increase")

    learning_rate: Rate = 0.1
    increase: Epsilon = 0.1
    decrease: Decay = 0.2
    averaging: Decay = 0.7

    def init(self, theta):
        return super().init(theta) | {"gain": np.ones_like(theta)}

    def update(self, theta, grad, state, alpha, k):
        average, gain, rest = state["average"], state["gain"], self.value("averaging", k)
        sign = np.sign(average * grad)
        gain += self.value("increase", k) * np.maximum(sign, 0)
        gain *= 1 - self.value("decrease", k) * np.maximum(-sign, 0)
        average *= rest
        average += (1 - rest) * grad
        theta -= alpha * gain * grad
