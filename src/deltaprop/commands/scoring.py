"""The measures of a run, from the outputs z of a network and the encoded targets t of any part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..data.targets import ClassTarget, QuantityTarget
from ..report.score import Answers, Measure, as_shown, format_score, of_classes, of_values
from ..training.measure import OutputScore

if TYPE_CHECKING:
    from ..network import Network


@dataclass(frozen=True, eq=False)
class Scoring:
    """What is measured of a run.

    Attributes
    ----------
    measures : tuple of Measure
        All that are shown; the first is what stopping and searching look at, unless that is the loss.
    target : ClassTarget or QuantityTarget
    chosen : bool
        Whether the first was asked for.
    """

    measures: tuple[Measure, ...]
    target: ClassTarget | QuantityTarget
    chosen: bool = False

    @classmethod
    def of(
        cls,
        target: ClassTarget | QuantityTarget,
        t: np.ndarray,
        metric: str | None = None,
        held_out: np.ndarray | None = None,
    ) -> Scoring:
        """For those encoded targets of training, and of the part that tells how good the network is.

        InputError if the metric is none of their task.
        """
        if isinstance(target, ClassTarget):
            names = [str(label) for label in target.classes]
            counts, there = (
                np.bincount(part, minlength=len(names)) for part in (t, t if held_out is None else held_out)
            )
            measures = of_classes(names, counts, metric, there > 0)
        else:
            measures = of_values(target.names, metric)
        return cls(measures, target, metric not in (None, "loss"))

    @property
    def label(self) -> str:
        """What the score is called."""
        return self.measures[0].label

    @property
    def judge(self) -> Measure:
        """What the network is compared by: the one asked for, or what no constant answer can have a high value of.

        The accuracy says little where classes are unequal, and always answering a class has all of its recall.
        """
        first, by_name = self.measures[0], {measure.name: measure for measure in self.measures}
        if self.chosen and first.name != "recall":
            return first
        return by_name.get("balanced_accuracy") or by_name.get("accuracy") or first

    def of_epoch(self, network: Network) -> OutputScore | None:
        """What `fit` is to measure after each epoch; None: the score of the network's loss, which is the same."""
        first = self.measures[0]
        if first.name == ("accuracy" if network.loss.classification else "r2"):
            return None
        return OutputScore(first.label, partial(_of_epoch, self))

    @property
    def unlimited(self) -> Scoring:
        """The same for a model whose values may leave the range of the training targets."""
        classes = isinstance(self.target, ClassTarget)
        return self if classes else replace(self, target=replace(self.target, limits=None))

    def answers(self, network: Network, z: np.ndarray) -> Answers:
        """What outputs z say: of values in the unit of the target."""
        if isinstance(self.target, ClassTarget):
            return Answers(network.loss.predict(z), network.loss.labels(z))
        return Answers(self.decoded(network.loss.predict(z)))

    def decoded(self, t: np.ndarray) -> np.ndarray:
        """Encoded targets as measures take them: class codes (n,), or values (n, targets) in their unit."""
        return t if isinstance(self.target, ClassTarget) else self.target.decode(t).reshape(len(t), -1)

    def truth(self, t: np.ndarray) -> np.ndarray:
        """The same of targets as the data have them, which nothing has rounded."""
        classes = isinstance(self.target, ClassTarget)
        return self.target.encode(t) if classes else np.asarray(t, np.float64).reshape(len(t), -1)

    def measure(self, answers: Answers, truth: np.ndarray) -> dict[str, float]:
        """Each measure by its label."""
        return {measure.label: measure(answers, truth) for measure in self.measures}

    def score(self, network: Network, z: np.ndarray, t: np.ndarray) -> float:
        """The first measure, of errors the negative: larger is better."""
        first = self.measures[0]
        return first.sign * first(self.answers(network, z), self.decoded(t))

    def defined(self, network: Network, t: np.ndarray) -> bool:
        """Whether there is such a score for encoded targets t."""
        return not np.isnan(self.score(network, np.zeros((len(t), network.outputs), network.dtype), t))

    def text(self, score: float) -> str:
        """What `score` returned, in words.

        >>> Scoring.of(QuantityTarget.learn(("y",), np.arange(4.0)), np.arange(4.0), "mae").text(-0.25)
        'MAE 0.2500'
        """
        return f"{self.label} {format_score(self.label, as_shown(self.label, score))}"


def _of_epoch(
    scoring: Scoring, network: Network, z: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None
) -> float:
    return scoring.score(network, z, t)
