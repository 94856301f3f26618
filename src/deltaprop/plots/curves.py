"""Curves over epochs, seconds or anything else; learning curves of one run, or of several with bands over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from scipy.stats import t as student

from ..errors import InputError, short
from ..style import LIGHT, Palette, legend, logarithmic, styled

if TYPE_CHECKING:
    from ..training.history import History

DASHED: dict[str, Any] = {"linewidth": 0.8, "linestyle": (0, (3, 3))}
ROLES = {"train": 0, "validation": 1}  # series of the same color in every plot

Band = Literal["range", "interval"]


def curves(
    x: Any,
    series: Mapping[str, Any],
    ylabel: str,
    *,
    xlabel: str = "epoch",
    mark: tuple[float, str] | None = None,
    log: bool = False,
    percent: bool = False,
    band: Band = "range",
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """One line per series over x.

    Parameters
    ----------
    x : array of shape (n,), or mapping of str to array
        Shared by all series, or that of each.
    series : mapping of str to array of shape (n,) or (seeds, n)
        A name and its values; of several seeds the mean is drawn, with a band. NaN leaves a gap, a series of NaN is
        omitted.
    ylabel, xlabel : str
    mark : pair of float and str, optional
        A place on the x-axis to be marked, and what it is: the best epoch.
    log : bool
        Whether the y-axis is logarithmic; it is so only if every value is positive. The mean is then the geometric one.
    percent : bool
        Whether fractions are written as percentages.
    band : {"range", "interval"}
        From the smallest to the largest value, or the 95 % confidence interval of the mean (Student's t).
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = curves([1, 2, 3], {"train": [1.0, 0.5, 0.2]}, "loss", mark=(3, "best epoch: 3"))
    >>> ax.get_ylabel(), ax.lines[0].get_ydata().tolist()
    ('loss', [1.0, 0.5, 0.2])
    """
    if band not in ("range", "interval"):
        raise InputError(
            f"curves: band is {short(band)}, expected range or interval; choose one of these names."
        )
    ax = styled(ax, palette)
    arrays = {name: np.atleast_2d(np.asarray(values, float)) for name, values in series.items()}
    drawn = {name: values for name, values in arrays.items() if np.isfinite(values).any()}
    log = log and bool(drawn) and all((v[np.isfinite(v)] > 0).all() for v in drawn.values())
    for i, (name, values) in enumerate(drawn.items()):
        places = np.asarray(x[name] if isinstance(x, Mapping) else x)
        style = palette.line(ROLES.get(name, i), len(places))
        mean, low, high = _mean_and_band(values, band, log)
        ax.plot(places, mean, label=name, **style)
        if len(values) > 1:
            ax.fill_between(places, low, high, color=style["color"], alpha=0.18, linewidth=0)
    if mark is not None:
        ax.axvline(mark[0], color=palette.ink, label=mark[1], **DASHED)
    if log:
        logarithmic(ax.yaxis)
    if percent:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if all(np.asarray(each).dtype.kind in "iu" for each in (x.values() if isinstance(x, Mapping) else [x])):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(drawn) > 1 or mark is not None:
        legend(ax, palette)
    return ax


def learning_curves(
    runs: History | Mapping[str, Any],
    column: str = "loss",
    *,
    over: Literal["epoch", "seconds"] = "epoch",
    ylabel: str | None = None,
    log: bool | None = None,
    percent: bool = False,
    band: Band = "range",
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """Loss or score over the epochs of one run, or of several to be compared.

    Parameters
    ----------
    runs : History, or mapping of str to History or to a sequence of History
        A single run is drawn with its training and validation part and its best epoch. Of several, each name is a line;
        that of a sequence of histories, one for each seed, is their mean, with a band, as long as the shortest.
    column : str
        A column of the history. ``"loss"`` and ``"score"`` stand for the training and validation part of a single run;
        of several runs for the validation part, where all have measured it, or else for the training part.
    over : {"epoch", "seconds"}
        The x-axis: epochs, or the seconds of training (of several seeds the mean).
    ylabel : str, optional
        By default the column's name.
    log : bool, optional
        Whether the y-axis is logarithmic, if all values are positive; by default for losses.
    percent, band, ax, palette
        As for `curves`.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a run has not measured the column.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.optimizers import SGD
    >>> x = np.random.default_rng(0).standard_normal((50, 2))
    >>> def train(rate, seed):
    ...     net = Network([Dense(1)], inputs=2, seed=seed)
    ...     return net.fit(x, x[:, 0], optimizer=SGD(rate), epochs=4)
    >>> runs = {f"rate {rate}": [train(rate, seed) for seed in range(3)] for rate in (0.01, 0.1)}
    >>> [line.get_label() for line in learning_curves(runs).lines]
    ['rate 0.01', 'rate 0.1']
    """
    if over not in ("epoch", "seconds"):
        got = f"over is {short(over)}"
        raise InputError(f"learning_curves: {got}, expected epoch or seconds; choose one of these names.")
    best = None
    if isinstance(runs, Mapping):
        seeds = {name: list(run) if isinstance(run, (list, tuple)) else [run] for name, run in runs.items()}
        columns = dict.fromkeys(seeds, chosen := _measured(column, [h for s in seeds.values() for h in s]))
    else:
        chosen, parts = column, [part for part in ROLES if f"{part}_{column}" in runs]
        columns = {part: f"{part}_{column}" for part in parts} or {column: _measured(column, [runs])}
        seeds = {part: [runs] for part in columns}
        best = runs.best_epoch if parts and over == "epoch" else None
    lengths = {name: min(map(len, histories)) for name, histories in seeds.items()}

    def stack(name: str, column: str) -> np.ndarray:
        return np.stack([history[column][: lengths[name]] for history in seeds[name]])

    places = {name: seeds[name][0]["epoch"][:length].astype(int) for name, length in lengths.items()}
    if over == "seconds":
        places = {name: stack(name, over).mean(axis=0).cumsum() for name in seeds}
    return curves(
        places,
        {name: stack(name, column) for name, column in columns.items()},
        chosen.replace("_", " ") if ylabel is None else ylabel,
        xlabel="epoch" if over == "epoch" else "training time (s)",
        mark=None if best is None else (best, f"best epoch: {best}"),
        log=chosen.endswith("loss") if log is None else log,
        percent=percent,
        band=band,
        ax=ax,
        palette=palette,
    )


def _measured(column: str, histories: list[History]) -> str:
    """The column that stands for "loss" or "score", or the column itself, which all runs must have."""
    candidates = [f"validation_{column}", f"train_{column}"] if column in ("loss", "score") else [column]
    for name in candidates:
        if all(name in history for history in histories):
            return name
    known = [name for name in histories[0].columns if all(name in history for history in histories)]
    raise InputError(
        f"learning_curves: column is {short(column)}, which not every run has measured, expected one of "
        f"{', '.join(known)}; choose one of them."
    )


def _mean_and_band(values: np.ndarray, band: Band, log: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean over seeds (seeds, n), and the edges of its band; of logarithms for a logarithmic axis."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    if log:
        mean, low, high = _mean_and_band(np.log(values), band, log=False)
        return np.exp(mean), np.exp(low), np.exp(high)
    mean, n = values.mean(axis=0), len(values)
    if band == "range":
        return mean, values.min(axis=0), values.max(axis=0)
    half = float(student.ppf(0.975, n - 1)) * values.std(axis=0, ddof=1) / n**0.5
    return mean, mean - half, mean + half
