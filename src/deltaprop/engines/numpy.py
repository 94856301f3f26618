"""The reference engine: a Python loop over the network's own forward and backward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import batching
from ..optimizers.clipping import clip_norm, clip_value
from .base import Engine, Sums

if TYPE_CHECKING:
    from ..network import Network


class NumpyEngine(Engine):
    """One step at a time: take a batch, backpropagate, clip, update, take the batch into the running statistics.

    It takes any layer, loss and optimizer, including your own.
    """

    def __init__(self, network: Network, *arguments: Any, **options: Any):
        super().__init__(network, *arguments, **options)
        self.grad = np.empty_like(network.theta)
        self.before = np.empty_like(network.theta)

    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        network, grad, theta = self.network, self.grad, self.network.theta
        rates = rate_scale if self.rate_factors is None else rate_scale * self.rate_factors
        decays = 1.0 if self.decay_factors is None else self.decay_factors
        done = 0
        for start in range(0, len(order), self.batch_size):
            x, t, sample_weight, weight = self._batch(order[start : start + self.batch_size])
            loss, cache = network.backpropagate(x, t, sample_weight, grad, step + done)
            sums.vector[:3] += (loss * weight, weight, 1)
            done += 1
            if not np.isfinite(loss):
                break  # the weights are still those that gave this loss
            sums.gradient2 += self.squares(grad)
            if self.clip_norm is not None:
                clip_norm(grad, self.clip_norm)
            if self.clip_value is not None:
                clip_value(grad, self.clip_value)
            self.before[:] = theta
            self.optimizer.step(theta, grad, self.state, step + done - 1, rates, decays)
            np.subtract(theta, self.before, out=self.before)
            sums.update2 += self.squares(self.before)
            network.update_running_stats(cache)
        return done

    def _batch(self, samples):
        """Inputs and rows of targets in the network's dtype, sample weights or None, and the sum of these weights."""
        network = self.network
        x = batching.take(self.x, samples, network.dtype)
        t = network.loss.rows(self.t[samples], network.outputs, network.dtype)
        if self.sample_weight is None:
            return x, t, None, len(samples)
        sample_weight = self.sample_weight[samples]
        return x, t, sample_weight, float(sample_weight.sum())
