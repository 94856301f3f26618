"""Eigenvalues of the Hessian of a multilayer network: few large, many small; those of lower layers are smaller."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from ..curvature import Hessian
from ..plots import LIGHT, curves, figure_of, legend, logarithmic, styled
from .problems import small_digits, tanh_network

STATES = ("initial weights", "trained weights")
MARKS = (".", "+")


@dataclass(frozen=True)
class Spectra:
    """What `spectra` found.

    Attributes
    ----------
    before, after : ndarray of shape (parameters,)
        Eigenvalues with the initial and with the trained weights, the largest first.
    largest, mean : ndarray of shape (2, layers)
        The largest and the mean eigenvalue of each layer's own block, from the inputs to the outputs; with the initial
        and with the trained weights.
    """

    before: np.ndarray
    after: np.ndarray
    largest: np.ndarray
    mean: np.ndarray

    def __str__(self) -> str:
        lines = []
        for name, values in zip(STATES, (self.before, self.after), strict=True):
            lines.append(
                f"{name}: largest {values[0]:.3g}, median |λ| {np.median(np.abs(values)):.2g}, "
                f"{np.mean(np.abs(values) > values[0] / 10):.1%} above a tenth of the largest, "
                f"{np.mean(values < -1e-6 * values[0]):.1%} negative"
            )
        for name, largest, mean in zip(STATES, self.largest, self.mean, strict=True):
            numbers = [", ".join(f"{value:.2g}" for value in values) for values in (largest, mean)]
            lines.append(f"layers from the inputs, {name}: largest {numbers[0]}; mean {numbers[1]}")
        return "\n".join(lines)

    def figure(self) -> Figure:
        """All eigenvalues of the Hessian by rank; dashes where they are negative."""
        ax = styled(None, LIGHT, 5.4, 3.2, grid="both")
        for k, (name, values) in enumerate(zip(STATES, (self.before, self.after), strict=True)):
            ranks, positive, color = np.arange(1, len(values) + 1), values > 0, LIGHT.color(k)
            ax.plot(ranks[positive], values[positive], MARKS[k], color=color, markersize=4, label=name)
            ax.plot(ranks[~positive], -values[~positive], "_", color=color, markersize=4)
        floor = self.before[0] * 1e-6
        logarithmic(ax.yaxis)
        ax.set(ylim=(floor, None), xlabel="rank", ylabel="|eigenvalue|, dashes: negative")
        legend(ax, LIGHT)
        return figure_of(ax)

    def layer_figure(self) -> Figure:
        """Eigenvalues of each layer's block."""
        layers = np.arange(1, self.mean.shape[1] + 1)
        series = {
            f"{what}, {state.split()[0]}": values[k]
            for k, state in enumerate(STATES)
            for what, values in (("largest", self.largest), ("mean", self.mean))
        }
        ax = styled(None, LIGHT, 6.2, 3.2)
        return figure_of(
            curves(
                layers, series, "eigenvalue of its block", xlabel="layer, from the inputs", log=True, ax=ax
            )
        )


def spectra(
    hidden: int = 3, width: int = 10, samples: int = 500, epochs: int = 50, networks: int = 5
) -> Spectra:
    """Spectra of a tanh network on small digits, before and after some iterations of L-BFGS.

    The curvature that a layer hands down is multiplied by w² and f′², and f′ falls below 1 as training saturates the
    units: the lower a layer, the smaller the eigenvalues of its block, and the larger its learning rate can be. Those
    of the layers are means over several networks with other first weights.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp* (1998), §7 and 8.
    """
    x, labels = small_digits(samples)
    t = np.eye(10)[labels]
    whole, layers = [], []
    for seed in range(networks):
        net = tanh_network((x.shape[1], *[width] * hidden, 10), seed=seed)
        for iterations in (0, epochs):
            if iterations:
                net.fit(x, t, epochs=iterations, optimizer="lbfgs", progress=False)
            hessian = Hessian(net, x, t)
            whole.append(_eigenvalues(hessian))
            blocks = [_eigenvalues(hessian.block(node.index)) for node in net.nodes if node.parameters]
            layers.append([(values[0], values.mean()) for values in blocks])
    means = np.reshape(layers, (networks, 2, hidden + 1, 2)).mean(axis=0)
    return Spectra(whole[0], whole[1], means[:, :, 0], means[:, :, 1])


def _eigenvalues(operator: Hessian) -> np.ndarray:
    return np.linalg.eigvalsh(operator.dense())[::-1]
