"""Eigenvalues of the Hessian of a multilayer network: few large, many small; those of lower layers are smaller."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from ..curvature import Hessian
from ..network import Network
from ..style import LIGHT, legend, new_axes
from .problems import small_digits, tanh_network


@dataclass(frozen=True)
class Spectra:
    """What `spectra` found.

    Attributes
    ----------
    before, after : ndarray of shape (parameters,)
        Eigenvalues with the initial and with the trained weights, the largest first.
    layers : list of ndarray
        Those of each layer's own block with the initial weights, from the inputs to the outputs.
    """

    before: np.ndarray
    after: np.ndarray
    layers: list[np.ndarray]

    def __str__(self) -> str:
        lines = []
        for name, values in (("initial weights", self.before), ("trained weights", self.after)):
            lines.append(
                f"{name}: largest {values[0]:.3g}, median |λ| {np.median(np.abs(values)):.2g}, "
                f"{np.mean(np.abs(values) > values[0] / 10):.1%} above a tenth of the largest, "
                f"{np.mean(values < -1e-6 * values[0]):.1%} negative"
            )
        largest = ", ".join(f"{values[0]:.3g}" for values in self.layers)
        means = ", ".join(f"{values.mean():.2g}" for values in self.layers)
        lines.append(f"layers from the inputs, initial weights: largest {largest}; mean {means}")
        return "\n".join(lines)

    def figure(self) -> Figure:
        """All eigenvalues of the Hessian by rank; dashes where they are negative."""
        figure, axes = new_axes(LIGHT, 5.4, 3.2, grid="both")
        for k, (name, values) in enumerate((("initial weights", self.before), ("trained", self.after))):
            ranks, positive, color = np.arange(1, len(values) + 1), values > 0, LIGHT.series[k]
            axes.plot(ranks[positive], values[positive], ".", color=color, markersize=4, label=name)
            axes.plot(ranks[~positive], -values[~positive], "_", color=color, markersize=4)
        floor = self.before[0] * 1e-12
        axes.set(yscale="log", ylim=(floor, None), xlabel="rank", ylabel="|eigenvalue|, dashes: negative")
        legend(axes, LIGHT)
        return figure

    def layer_figure(self) -> Figure:
        """Eigenvalues of each layer's block."""
        figure, axes = new_axes(LIGHT, 5.4, 3.0)
        numbers = np.arange(1, len(self.layers) + 1)
        for k, (name, of) in enumerate((("largest", np.max), ("mean", np.mean))):
            values = [of(layer) for layer in self.layers]
            axes.plot(numbers, values, "o-", color=LIGHT.series[k], linewidth=1.8, label=name)
        axes.set(yscale="log", xlabel="layer, from the inputs", ylabel="eigenvalue of its block")
        axes.set_xticks(numbers)
        legend(axes, LIGHT)
        return figure


def spectra(
    hidden: int = 3, width: int = 10, samples: int = 500, epochs: int = 200, networks: int = 5
) -> Spectra:
    """Spectra of a tanh network on small digits before and after training by L-BFGS.

    The curvature that a layer hands down is multiplied by w² and f′², which are below 1 on average with the usual first
    weights: the lower a layer, the smaller the eigenvalues of its block, and the larger its learning rate can be. Those
    of the layers are means over several networks with other first weights.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp* (1998), §7 and 8.
    """
    x, t = small_digits(samples)
    sizes = (x.shape[1], *[width] * hidden, 10)
    layers = [_layers(tanh_network(sizes, "softmax_cross_entropy", seed), x, t) for seed in range(networks)]
    net = tanh_network(sizes, "softmax_cross_entropy")
    before = _eigenvalues(net, x, t)
    net.fit(x, t, epochs=epochs, optimizer="lbfgs", progress=False)
    return Spectra(
        before, _eigenvalues(net, x, t), [np.mean(each, axis=0) for each in zip(*layers, strict=True)]
    )


def _layers(net: Network, x: np.ndarray, t: np.ndarray) -> list[np.ndarray]:
    return [_eigenvalues(net, x, t, node.index) for node in net.nodes if node.parameters]


def _eigenvalues(net: Network, x: np.ndarray, t: np.ndarray, layer: int | None = None) -> np.ndarray:
    return np.linalg.eigvalsh(Hessian(net, x, t, layer=layer).dense())[::-1]
