"""Frames: what the page draws while a run trains, as one binary message.

A frame is the length of its header (uint32, little endian), the header (JSON), zeros up to a multiple of 8 bytes, and
arrays, whose offsets in the header count from there::

    {"playing": bool,
     "runs": [{"run": 0, "step": …, "first": …, "newest": …, "epoch": …, "rate": …,
               "loss": [train, test], "score": [train, test], "scales": [one for each unit],
               "curves_from": row, "rows": [titles of the layers with weights],
               "arrays": {name: [dtype, shape, offset]}}]}

theta : float32, (parameters,)
pictures : uint8, (units, 32, 32)
    What each unit answers over the plane, all columns in order: 128 + 127 · a / scale. Row 0 is the top, y = extent.
output : uint8, (1 or classes, 80, 80)
    0 … 255 for 0 … 1: the probability of class 1, or of each class, or the place of a value within the targets' range.
large : uint8, (1, 80, 80)
    The unit that the page shows large, as in `pictures`.
curves : float32, (rows, 5)
    Step, loss of training and test part, score of both; from row `curves_from` of the page's table on.
diagnostics : float32, (rows, 1 + 4 · layers)
    Step, then for each layer with weights gradient norm, update ratio, dead and saturated fraction; the same rows.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..layers import Activation, Dense
from .build import PLUS_MINUS_ONE
from .problem import Problem
from .run import Run

PICTURE, OUTPUT = 32, 80  # pixels a side


def grid(extent: float, side: int) -> np.ndarray:
    """The centres of side × side pixels over the plane, row by row from the top left; (side², 2)."""
    centres = extent * ((2 * np.arange(side) + 1) / side - 1)
    x, y = np.meshgrid(centres, -centres)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def unit_outputs(run: Run, x: np.ndarray) -> list[np.ndarray]:
    """What each column answers to inputs x: the inputs themselves, each hidden layer, the outputs as `answers`."""
    network = run.network
    cache = network.new_cache()
    with np.errstate(all="ignore"):
        z = network.run_forward(x, cache)
    found = [x]
    for view, passed in zip(network.layers, cache, strict=True):
        if isinstance(view.layer, Activation):
            found.append(passed.output)
    return [*found, answers(run, z)]


def answers(run: Run, z: np.ndarray) -> np.ndarray:
    """The outputs as probabilities, or values within the range of the targets as numbers in [0, 1]; (n, outputs)."""
    loss, (low, high) = run.network.loss, run.problem.target_range
    with np.errstate(all="ignore"):
        y = loss.predict(z)
        if run.problem.classes == 0:
            return (y - low) / (high - low)
        if isinstance(loss, PLUS_MINUS_ONE):
            return (y + 1) / 2
    return y


class Frames:
    """Makes the frames for one page, which has been sent some of the curves already."""

    def __init__(self):
        self._grids: dict[tuple[int, int], tuple[Problem, np.ndarray]] = {}
        self._sent: dict[int, tuple[object, int, int]] = {}  # run number → records, version, rows

    def build(self, runs: list[Run], playing: bool, large: str | None = None) -> bytes:
        """The frame of the runs as they stand; `large` is ``"column.unit"``."""
        arrays: list[np.ndarray] = []
        header = {
            "playing": playing,
            "runs": [self._run(run, i, large, arrays) for i, run in enumerate(runs)],
        }
        text = json.dumps(header, allow_nan=False).encode()
        text += b" " * (-(4 + len(text)) % 8)
        parts = [len(text).to_bytes(4, "little"), text]
        for array in arrays:
            data = array.tobytes()
            parts += [data, bytes(-len(data) % 8)]
        return b"".join(parts)

    def _run(self, run: Run, number: int, large: str | None, arrays: list[np.ndarray]) -> dict[str, Any]:
        offset = sum(-(-array.nbytes // 8) * 8 for array in arrays)
        columns = unit_outputs(run, self._inputs(run.problem, PICTURE, number))
        columns[-1] = 2 * columns[-1] - 1
        answered = np.concatenate([c.T for c in columns])
        scales = _scales(answered)
        rows, first = self._rows(run, number)
        named: dict[str, np.ndarray] = {
            "theta": run.network.theta,
            "pictures": _pixels(answered, scales, PICTURE),
            "output": self._output(run, number),
            "curves": np.delete(rows[:, :6], 1, axis=1).astype(np.float32),
            "diagnostics": np.concatenate([rows[:, :1], rows[:, 6:]], axis=1).astype(np.float32),
        }
        if large is not None and (unit := _unit(large, columns)) is not None:
            fine = unit_outputs(run, self._inputs(run.problem, OUTPUT, number))
            column, place = unit
            if column == len(columns) - 1:
                fine[-1] = 2 * fine[-1] - 1
            one = fine[column].T[place : place + 1]
            named["large"] = _pixels(one, scales[[sum(c.shape[1] for c in columns[:column]) + place]], OUTPUT)
        places = {}
        for name, array in named.items():
            places[name] = [array.dtype.name, list(array.shape), offset]
            arrays.append(np.ascontiguousarray(array))
            offset += -(-array.nbytes // 8) * 8
        train, test, train_score, test_score = run.losses()
        return {
            "run": number,
            "step": run.step,
            "first": run.timeline.first,
            "newest": run.newest,
            "epoch": run.progress,
            "rate": run.rate,
            "loss": [_number(train), _number(test)],
            "score": [_number(train_score), _number(test_score)],
            "scales": [_number(scale) for scale in scales],
            "curves_from": first,
            "rows": [node.name for node in run.network.nodes if isinstance(node.layer, Dense)],
            "arrays": places,
        }

    def _inputs(self, problem: Problem, side: int, number: int) -> np.ndarray:
        """The network's inputs over the plane."""
        known = self._grids.get((number, side))
        if known is None or known[0] is not problem:
            known = problem, problem.from_plane(grid(problem.extent, side))
            self._grids[number, side] = known
        return known[1]

    def _output(self, run: Run, number: int) -> np.ndarray:
        z = run.network.evaluator.forward(self._inputs(run.problem, OUTPUT, number))
        maps = np.nan_to_num(answers(run, z), nan=0.5).T
        return (255 * np.clip(maps, 0, 1)).round().astype(np.uint8).reshape(-1, OUTPUT, OUTPUT)

    def _rows(self, run: Run, number: int) -> tuple[np.ndarray, int]:
        """The rows that the page does not have, and the number of the first of them."""
        records = run.records
        known, version, count = self._sent.get(number, (None, 0, 0))
        first = count if known is records and version == records.version else 0
        self._sent[number] = records, records.version, len(records.rows)
        return records.table(first), first


def _scales(answered: np.ndarray) -> np.ndarray:
    """The largest size of each unit's answers, at least 1."""
    return np.maximum(1.0, np.abs(np.nan_to_num(answered, posinf=0, neginf=0)).max(axis=1))


def _pixels(answered: np.ndarray, scales: np.ndarray, side: int) -> np.ndarray:
    shares = np.clip(np.nan_to_num(answered) / scales[:, np.newaxis], -1, 1)
    return (128 + 127 * shares).round().astype(np.uint8).reshape(-1, side, side)


def _unit(large: str, columns: list[np.ndarray]) -> tuple[int, int] | None:
    """Column and place of ``"column.unit"``, if there is such a unit."""
    column, _, place = large.partition(".")
    if not (column.isdecimal() and place.isdecimal() and int(column) < len(columns)):
        return None
    return (int(column), int(place)) if int(place) < columns[int(column)].shape[1] else None


def _number(value: float) -> float | None:
    """As JSON knows it."""
    return float(value) if np.isfinite(value) else None
