"""Ratios over batch sizes and widths as a picture: blue where deltaprop is faster, red where it is slower."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

#: Ratios at the ends of the colours; the scale is logarithmic on both sides of 1.
LOWEST, HIGHEST = 1 / 32, 2


def draw(maps: dict[str, dict[tuple[int, int], float]], title: str) -> Figure:
    """One heat map for each peer of `benchmarks.map.maps`, side by side."""
    figure = Figure(figsize=(5.4 * len(maps) + 0.8, 4.6), layout="constrained")
    figure.suptitle(title)
    all_axes = np.atleast_1d(figure.subplots(1, len(maps)))
    norm = TwoSlopeNorm(0, np.log2(LOWEST), np.log2(HIGHEST))
    for axes, (peer, ratios) in zip(all_axes, maps.items(), strict=True):
        image = _panel(axes, ratios, norm)
        axes.set_title(f"deltaprop / {peer}", fontsize=11)
    ticks = np.arange(np.log2(LOWEST), np.log2(HIGHEST) + 1)
    bar = figure.colorbar(image, ax=all_axes, ticks=ticks, extend="both", aspect=30, pad=0.015)
    bar.ax.set_yticklabels([f"{2**k:g}" if k >= 0 else f"1/{2**-k:g}" for k in ticks])
    bar.set_label("deltaprop's time / the other's", labelpad=2)
    return figure


def _panel(axes, ratios: dict[tuple[int, int], float], norm: TwoSlopeNorm):
    batches, widths = (sorted(set(values)) for values in zip(*ratios, strict=True))
    values = np.full((len(batches), len(widths)), np.nan)
    for (batch, width), ratio in ratios.items():
        values[batches.index(batch), widths.index(width)] = ratio
    shades = np.log2(values)
    image = axes.imshow(shades, cmap="RdBu_r", norm=norm, aspect="auto", origin="lower")
    for (row, column), ratio in np.ndenumerate(values):
        if np.isfinite(ratio):
            ink = "white" if abs(norm(shades[row, column]) - 0.5) > 0.3 else "black"
            axes.text(column, row, f"{ratio:.2f}", ha="center", va="center", fontsize=9, color=ink)
    axes.set(xlabel="width", ylabel="batch size")
    axes.set_xticks(range(len(widths)), widths)
    axes.set_yticks(range(len(batches)), batches)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return image
