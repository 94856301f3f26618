"""The network beside simpler answers: always the same one, and a linear model of the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..data import Preprocessing
from ..data.targets import ClassTarget
from ..functions import Penalty
from ..layers import Dense
from ..network import Network
from ..report.comparison import Comparison, remarks
from ..report.parts import counts_most
from ..report.score import Answers, Measure, shortened
from ..training import fit
from .scoring import Scoring

if TYPE_CHECKING:
    from .prepare import Part, Prepared

#: Training samples that the linear model learns from, at most.
SAMPLES = 20_000
#: Inputs × outputs × samples from which on there is no linear model: it would take longer than about a second.
TOO_MANY = 20_000_000
#: The share of the targets outside the range of training from which on it is said.
OUTSIDE = 0.05
#: Iterations of L-BFGS, at most.
ITERATIONS = 100


def compare(prepared: Prepared, outputs: Mapping[str, np.ndarray]) -> tuple[list[Comparison], list[str]]:
    """The network beside what is simpler, on each part, and what that says of the held-out part, in sentences.

    The trivial answer and the linear model learn from the training part alone. Both are deterministic.

    Parameters
    ----------
    prepared : Prepared
        With the trained network.
    outputs : mapping of arrays
        z of the network for each part.
    """
    scoring, parts = prepared.scoring, prepared.parts
    truths = {name: part.truth for name, part in parts.items()}
    always = Always.of(scoring, truths["train"])
    network = {name: scoring.answers(prepared.network, z) for name, z in outputs.items()}
    linear = linear_model(parts, prepared.preprocessing, scoring)

    def comparison(name: str, model: Callable[[Measure, str], Answers]) -> Comparison:
        return Comparison(
            name,
            {
                part: {measure.label: measure(model(measure, part), t) for measure in scoring.measures}
                for part, t in truths.items()
            },
        )

    found = [
        comparison("network", lambda _, part: network[part]),
        comparison(always.name, lambda measure, part: always.answers(measure, len(truths[part]))),
    ]
    if linear is not None:
        found.append(comparison("linear model", lambda _, part: linear[part]))
    held_out = counts_most(parts)
    said = []
    if held_out != "train":
        judge, t = scoring.judge, truths[held_out]
        trivial = always.words(judge), always.answers(judge, len(t))
        simple = None if linear is None else linear[held_out]
        said += remarks(judge, held_out, t, network[held_out], trivial, simple)
        said += _outside(prepared, held_out)
    if linear is None:
        inputs = linear_inputs(prepared.preprocessing)
        said.append(f"No linear model beside it: {inputs:,} inputs would take too long.")
    return found, said


def _outside(prepared: Prepared, part: str) -> list[str]:
    """How many targets of a part the network cannot predict, because its values are kept within those of training."""
    if not prepared.settings.clamp_outputs or prepared.dataset.classes:
        return []
    t, seen = prepared.parts[part].truth, prepared.parts["train"].truth
    outside = int(((t < seen.min(axis=0)) | (t > seen.max(axis=0))).any(axis=1).sum())
    if outside <= OUTSIDE * len(t):
        return []
    kept = "within which predictions are kept (otherwise: --no-clamp-outputs)"
    return [f"{outside} of {len(t)} {part} targets are outside the range of the training targets, {kept}."]


@dataclass(frozen=True, eq=False)
class Always:
    """The same answer for every sample: the most frequent class, or the mean, or (best by MAE) the median."""

    name: str
    row: np.ndarray  # the share of each class, or the mean of each target
    median: np.ndarray | None = None

    @classmethod
    def of(cls, scoring: Scoring, t: np.ndarray) -> Always:
        """For the training targets, as measures take them."""
        if not isinstance(scoring.target, ClassTarget):
            return cls("always the mean", t.mean(axis=0), np.median(t, axis=0))
        classes = scoring.target.classes
        share = np.bincount(t, minlength=len(classes)) / len(t)
        return cls(f"always {shortened(str(classes[share.argmax()]))!r}", share)

    def words(self, measure: Measure) -> str:
        """As part of a sentence."""
        name = self.name.replace("mean", "median") if measure.name == "mae" else self.name
        return name.replace("always", "always answering", 1)

    def answers(self, measure: Measure, samples: int) -> Answers:
        """Those by which the measure is to compare."""
        row = self.median if self.median is not None and measure.name == "mae" else self.row
        labels = np.full(samples, row.argmax()) if self.median is None else None
        return Answers(np.tile(row, (samples, 1)), labels)


def linear_model(
    parts: Mapping[str, Part], preprocessing: Preprocessing, scoring: Scoring
) -> dict[str, Answers] | None:
    """The answers of logistic regression, or of least squares, in each part; None where it would take too long.

    A network without hidden layers, trained by L-BFGS on all samples, or on 20,000 drawn at random. The penalty
    ½ Σ w² / n is that of scikit-learn's ``LogisticRegression(C=1)`` (of two classes C=2) and ``Ridge(alpha=1)``.
    """
    train, categories = parts["train"], preprocessing.categories
    n = min(len(train.t), SAMPLES)
    inputs = linear_inputs(preprocessing)
    if inputs * preprocessing.outputs * n >= TOO_MANY:
        return None
    x, t = train.x, train.t
    if n < len(t):
        chosen = np.sort(np.random.default_rng(0).choice(len(t), n, replace=False))
        x, t = x[chosen], t[chosen]
    classes = t.ndim == 1
    mean, scale = (0.0, 1.0) if classes else (t.mean(axis=0), t.std(axis=0) + 1e-30)
    network = Network(
        [Dense(preprocessing.outputs, init="zeros")],
        inputs,
        "softmax_cross_entropy" if classes else "squared_error",
        penalty=Penalty(l2=1 / n),
        seed=0,
        dtype="float64",
    )
    history = fit(
        network,
        one_hot(x, categories),
        t if classes else (t - mean) / scale,
        optimizer="lbfgs",
        epochs=ITERATIONS,
        threads=1,
        progress=False,
    )
    if history.status == "interrupted":
        raise KeyboardInterrupt
    answers = {}
    for name, part in parts.items():
        blocks = [
            part.x[i : i + SAMPLES] for i in range(0, len(part.x), SAMPLES)
        ]  # one-hot, all may be large
        z = np.concatenate([network.forward(one_hot(block, categories)) for block in blocks])
        answers[name] = scoring.unlimited.answers(network, z * scale + mean)
    return answers


def linear_inputs(preprocessing: Preprocessing) -> int:
    """The number of inputs of the linear model: one for each category of those that the network embeds."""
    return preprocessing.width - len(preprocessing.categories) + sum(preprocessing.categories)


def one_hot(x: np.ndarray, categories: tuple[int, ...]) -> np.ndarray:
    """The inputs with each of the last ones, which are codes, as one input per category; of none of them: zeros.

    >>> print(one_hot(np.array([[0.5, 1.0], [2.0, -1.0]]), (3,)))
    [[0.5 0.  1.  0. ]
     [2.  0.  0.  0. ]]
    """
    if not categories:
        return x
    numbers = x.shape[1] - len(categories)
    rows = [x[:, [numbers + j]] == np.arange(k) for j, k in enumerate(categories)]
    return np.hstack([x[:, :numbers], *rows])
