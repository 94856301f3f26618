"""Learning rates from the curvature of E, which is estimated while a network trains."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from .. import seeds
from ..bounds import Bounded, Count, Positive
from ..errors import InputError
from ..functions.schedules import ConstantRate, Schedule
from ..optimizers import Optimizer
from .callbacks import Callback
from .largest_eigenvalue import LargestEigenvalue

if TYPE_CHECKING:
    from .run import Run


@dataclass
class EigenvalueRate(LargestEigenvalue):
    """One learning rate for all parameters, `fraction` / λ_max, from the on-line estimate of `LargestEigenvalue`.

    λ_max, the largest eigenvalue of the Hessian of E, is estimated before the first step and after each epoch.
    Gradient descent diverges along the first eigenvector at a rate above 2/λ_max, and 1/λ_max is best along it. The
    optimizer's own learning rate is replaced. The curvature of a mini-batch may be larger than that of the mean, which
    is estimated: hence half of it by default. With momentum γ the steps add up to 1/(1 − γ) times the rate: choose a
    smaller fraction. With ``rate_factors`` λ_max is that of D^½ H D^½, D the diagonal matrix of the factors.
    Where the estimate is 0, the rate stays as it was.

    Parameters
    ----------
    updates, batch_size, rate, alpha
        Of the estimate, see `LargestEigenvalue`.
    fraction : float
        > 0.

    Attributes
    ----------
    epochs, values : list
        The numbers of the epochs, and λ_max after each; the first, 0, is before training.

    Source: LeCun, Simard, Pearlmutter, *Automatic learning rate maximization by on-line estimation of the Hessian's
    eigenvectors* (1993); LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §9.2.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).standard_normal((200, 3)) * [1, 2, 3]
    >>> net, rule = Network([Dense(1)], inputs=3), EigenvalueRate(fraction=1)
    >>> history = net.fit(x, x[:, 0], optimizer="sgd", epochs=5, adapt_rate=rule)
    >>> bool(np.allclose(history["learning_rate"], rule.best_rates[:-1]))
    True
    """

    _: KW_ONLY
    fraction: Positive = 0.5

    changes_rate = True

    def on_start(self, run):
        _check_rule(self, run)
        rate = run.optimizer.learning_rate
        self._replaced = float(run.optimizer.value("learning_rate", 0))
        if self._replaced == 0 or (isinstance(rate, Schedule) and not isinstance(rate, ConstantRate)):
            raise InputError(
                f"EigenvalueRate: the learning rate of the optimizer is {rate}, expected a number > 0, which is "
                "replaced; leave the schedule out."
            )
        others = [type(c).__name__ for c in run.callbacks if c.changes_rate and c is not self]
        if others:
            raise InputError(
                f"EigenvalueRate: {others[0]} changes the learning rate too, expected one such callback; leave one out."
            )
        super().on_start(run)
        self.on_epoch(run)

    def on_epoch(self, run):
        factors = run.engine.rate_factors
        self._root = 1.0 if factors is None else np.sqrt(factors)
        super().on_epoch(run)
        if self.values[-1] > 0:
            run.rate_scale = self.fraction / self.values[-1] / self._replaced

    def _product(self, network, direction, x, t, weight):
        """Of D^½ H D^½, with the rate factors on the diagonal of D: a step along D g is stable as long as α D H is."""
        return self._root * super()._product(network, self._root * direction, x, t, weight)


@dataclass
class DiagonalLM(Bounded, Callback):
    """A rate for each parameter by the stochastic diagonal Levenberg–Marquardt method::

        η_i = ε / (⟨∂²E/∂w_i²⟩ + μ)

    ε is the optimizer's learning rate, a number or a schedule. The mean second derivative ⟨·⟩ is the Gauss–Newton
    diagonal by backpropagation (`hessian_diagonal`), so it is not negative; it is measured on some samples before the
    first step and after each epoch. Factors given as ``rate_factors`` multiply with it. In an ensemble
    (`MemberLoss`) it is that of each member's own loss.

    Parameters
    ----------
    mu : float
        μ > 0; no rate exceeds ε/μ.
    samples : int
        How many are drawn for each measurement; all where there are fewer.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §9.1, eq. 56; LeCun, Bottou, Bengio, Haffner,
    *Gradient-Based Learning Applied to Document Recognition* (1998), appendix C: μ = 0.02, 500 samples.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.optimizers import SGD
    >>> x = np.random.default_rng(0).standard_normal((200, 2)) * [1, 10]
    >>> net = Network([Dense(1)], inputs=2)
    >>> history = net.fit(x, x.sum(axis=1), optimizer=SGD(0.2), epochs=10, adapt_rate=DiagonalLM())
    >>> print(net.layers[0].w.round(2))
    [[1. 1.]]
    """

    mu: Positive = 0.02
    samples: Count = 500

    changes_rate_factors = True

    def on_start(self, run):
        _check_rule(self, run)
        self._factors = cast(np.ndarray, run.rate_factors)
        self._given = self._factors.copy()
        self.on_epoch(run)

    def on_epoch(self, run):
        from ..curvature import hessian_diagonal  # imported on use: keeps `import deltaprop` light

        network, data = run.network, run.data
        rng = np.random.default_rng([run.epoch, *seeds.stream(network.seed, "curvature").generate_state(4)])
        count = min(self.samples, len(data.samples))
        rows = np.sort(rng.choice(data.samples, count, replace=False))
        weight = None if data.sample_weight is None else data.sample_weight[rows]
        try:
            h = hessian_diagonal(network, data.x[rows], data.t[rows], weight, gauss_newton=True)
        except NotImplementedError as error:
            raise InputError(
                f"DiagonalLM: the network has no second derivatives ({error}), expected layers with "
                "backward_diagonal; use other layers, or another adapt_rate."
            ) from error
        h = np.maximum(h, 0) * network.loss.members
        self._factors[:] = self._given / (h + self.mu)

    def state(self):
        return {}  # the factors are in the snapshot


#: The rules by name, for the argument ``adapt_rate``.
CURVATURE_RATES: dict[str, EigenvalueRate | DiagonalLM] = {
    "eigenvalue": EigenvalueRate(),
    "diagonal_lm": DiagonalLM(),
}


def _check_rule(callback: Callback, run: Run) -> None:
    """Refuse rules whose step does not grow with the gradient: the curvature says nothing about their rates."""
    rule = run.optimizer
    if not isinstance(rule, Optimizer) or rule.normalized:
        raise InputError(
            f"{type(callback).__name__}: the optimizer is {type(rule).__name__}, expected a first-order one that does "
            "not divide the gradient by its size; use sgd, momentum or nesterov."
        )
