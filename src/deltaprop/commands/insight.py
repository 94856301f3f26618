"""What the report says of a network's predictions: important columns, dependence, calibration, the worst rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..data import Dataset, Preprocessing
from ..data.columns import Column, parse_dates, read_dates, read_texts
from ..network import Network
from ..report.calibration import Calibration, calibration
from ..report.cases import COLUMNS, Case, digits, plain, worst, wrong_values
from ..report.dependence import Dependence, days_of, deciles, grid_of, levels_of, partial_dependence
from ..report.importance import ROWS, WORK, Importance, bounded_importance, correlated

TOP = 10  # columns of which it is said what they are correlated with
STRONG = 0.9  # correlation
PAIRS = 3  # that are named
COMPARED = 1000  # rows, for correlations
AVERAGED = 500  # rows, for partial dependence
FEWEST = 5  # cases, though fewer may be misclassified: then the least sure
LEAST = 50  # that even of a large network are averaged


def importances(
    network: Network,
    preprocessing: Preprocessing,
    data: Dataset,
    t: np.ndarray,
    score: Callable[[np.ndarray, np.ndarray], float],
    rng: np.random.Generator,
) -> tuple[list[Importance], str]:
    """The columns of the table, the most important first, and how that was measured.

    `t` are the targets of `data` as the network's loss takes them, and `score` takes outputs z and targets.
    """
    inputs = {name: places for name, places in preprocessing.inputs_of.items() if len(places)}
    if len(data) > ROWS:
        chosen = np.sort(rng.choice(len(data), ROWS, replace=False))
        data, t = data.take(chosen), t[chosen]
    x = preprocessing.encode_columns(data.x)
    found, rows, repeats = bounded_importance(
        lambda x: network.forward(preprocessing.combine(x)), score, x, t, inputs, rng, network.theta.size
    )
    if not found:
        late = f"How important each of {len(inputs):,} columns is would take too long to measure."
        return [], "" if rows else late
    note = f"({rows:,} samples, {repeats} repeats)."
    if len(found) < len(inputs):
        note += f" Measured are the {len(found)} of {len(inputs):,} columns that change the predictions most."
    if strong := _correlations(preprocessing, x, found):
        named = "; ".join(f"{a} and {b} ({r:.2f})" for a, b, r in strong[:PAIRS])
        more = f"; and {len(strong) - PAIRS} more pairs" * (len(strong) > PAIRS)
        note += f" Columns that are strongly correlated share their importance: {named}{more}."
    return found, note


def _correlations(
    preprocessing: Preprocessing, x: np.ndarray, found: Sequence[Importance]
) -> list[tuple[str, str, float]]:
    """The pairs of columns with |r| > 0.9 of which one is among the ten most important, the most correlated first."""
    top = {one.column for one in found[:TOP]}
    inputs = {one.column: preprocessing.own_inputs(one.column) for one in found}
    pairs = correlated(x[:COMPARED], inputs)
    strong = [(a, b, r) for (a, b), r in pairs.items() if r > STRONG and top & {a, b}]
    return sorted(strong, key=lambda pair: -pair[2])


def dependence(
    network: Network,
    preprocessing: Preprocessing,
    data: Dataset,
    column: str,
    rng: np.random.Generator,
) -> Dependence | None:
    """The mean prediction over samples of `data`, the training part, for entries of a column; None if it has one."""
    kind = next((one for one in data.columns if one.name == column), Column(column, "number"))
    values = data.x[column] if data.columns else data.x[:, data.feature_names.index(column)]
    entries, grid, density = _grid(kind, values)
    if len(grid) < 2:
        return None
    affordable = int(WORK / 4 / (len(grid) * network.theta.size))
    chosen = rng.permutation(len(data))[: max(LEAST, min(AVERAGED, affordable))]
    x = preprocessing.encode_columns(data.take(chosen).x)
    outputs = partial_dependence(
        lambda x: predicted(network, preprocessing, network.forward(preprocessing.combine(x))),
        x,
        preprocessing.inputs_of[column],
        preprocessing.encode_column(column, entries),
    )
    return Dependence(column, grid, outputs, data.class_names or data.target_names, density)


def _grid(column: Column, values: Any) -> tuple[Any, Sequence[float | str], np.ndarray]:
    """Entries of a column for its transform, the same as the report names them, and their density."""
    if column.kind == "category":
        labels, share = levels_of(read_texts(values))
        return np.array(labels, object), labels, share
    if column.kind == "date":
        days = read_dates("report", column.name, values, column.format)
        moments = np.datetime64(0, "s") + np.round(days_of(days) * 86400).astype("timedelta64[s]")
        return moments, [_iso(moment) for moment in moments], deciles(days)
    numbers = np.asarray(values, np.float64)
    grid = grid_of(numbers)
    if column.kind == "boolean":
        share = np.array([np.mean(numbers == value) for value in grid])
        return grid, [str(bool(value)) for value in grid], share
    return grid, grid.tolist(), deciles(numbers)


def predicted(network: Network, preprocessing: Preprocessing, z: np.ndarray) -> np.ndarray:
    """What the loss makes of each class's output, or values in the targets' units: (n, outputs)."""
    y = network.loss.predict(z)
    return y if preprocessing.task == "classification" else preprocessing.decode_target(y).reshape(len(z), -1)


def reliability(
    network: Network, z: np.ndarray, codes: np.ndarray, names: Sequence[str]
) -> tuple[Calibration | None, str]:
    """Calibration of the rarer of two classes, or of the predicted one of several, and which of them."""
    if network.loss.output_map not in ("softmax", "sigmoid"):
        return None, ""
    probabilities = network.loss.predict(z)
    if len(names) == 2:
        rarer = int(2 * (codes == 1).sum() <= len(codes))
        return calibration(probabilities[:, rarer], codes == rarer), names[rarer]
    labels = probabilities.argmax(axis=1)
    return calibration(probabilities.max(axis=1), codes == labels), "the predicted class"


def cases(
    network: Network,
    preprocessing: Preprocessing,
    data: Dataset,
    z: np.ndarray,
    t: np.ndarray,
    first: Sequence[str],
) -> list[Case]:
    """The samples with the largest loss, or error, as rows of the table; the columns `first` first."""
    y = predicted(network, preprocessing, z)
    shown = [*first, *(name for name in data.feature_names if name not in first)][:COLUMNS]
    if preprocessing.task == "classification":
        names, labels = data.class_names, network.loss.labels(z)
        wrong = int((labels != t).sum())
        rows = worst(-y[np.arange(len(t)), t])[: max(wrong, FEWEST)]
        said = [(names[t[i]], names[labels[i]], y[i, labels[i]].item()) for i in rows]
    else:
        truth = np.asarray(data.t, np.float64).reshape(len(z), -1)
        size, target = wrong_values(y, truth)
        rows = worst(size)
        of = [f"{name} " for name in data.target_names] if y.shape[1] > 1 else [""]
        said = []
        for i, j in zip(rows.tolist(), target[rows].tolist(), strict=True):
            got, true = y[i, j].item(), truth[i, j].item()
            rounded = plain(round(got, digits(truth[:, j])))
            said.append((of[j] + plain(true), of[j] + rounded, got - true))
    numbers, entries = data.row_numbers[rows].tolist(), _entries(data.take(rows), shown)
    return [Case(n, *what, entry) for n, what, entry in zip(numbers, said, entries, strict=True)]


def _entries(data: Dataset, shown: Sequence[str]) -> list[Mapping[str, str]]:
    """The entries of the columns `shown`, row by row, as they would be written."""
    written = {}
    kinds = {column.name: column for column in data.columns}
    for name in shown:
        if name not in kinds:
            written[name] = [plain(value) for value in data.x[:, data.feature_names.index(name)].tolist()]
        elif kinds[name].kind == "number":
            written[name] = [plain(value) for value in data.x[name].tolist()]
        elif kinds[name].kind == "boolean":
            written[name] = ["" if np.isnan(v) else str(bool(v)) for v in data.x[name].tolist()]
        elif kinds[name].kind == "date":
            moments = parse_dates("report", name, data.x[name], kinds[name].format).dt.tz_convert(None)
            written[name] = [_written(moment, kinds[name].format) for moment in moments.to_numpy()]
        else:
            written[name] = [text or "" for text in read_texts(data.x[name])]
    return [dict(zip(written, row, strict=True)) for row in zip(*written.values(), strict=True)]


def _written(moment: np.datetime64, format: str) -> str:
    """A moment as the table has it; empty where it is missing."""
    if np.isnat(moment):
        return ""
    return _iso(moment) if format == "ISO8601" else moment.astype("datetime64[s]").item().strftime(format)


def _iso(moment: np.datetime64) -> str:
    """A moment as ISO 8601, without its time where that is midnight."""
    return str(moment.astype("datetime64[s]")).removesuffix("T00:00:00").replace("T", " ")
