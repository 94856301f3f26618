"""Ensembles in one network: what each member is trained and validated on, and steps that are those of one network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..functions import Loss, MemberLoss, Penalty
from ..layers import GroupedDense, Repeat
from ..network import Network
from ..optimizers import Optimizer
from ..training.data import Data, taking_part


def as_loss(loss: Loss, members: int) -> Loss:
    """The loss of that many members."""
    return loss if members == 1 else MemberLoss(loss, members)


def bags(
    data: Data, members: int, fraction: float, labels: np.ndarray | None, seed: int
) -> tuple[Data, Data]:
    """Training and validation data in which each member leaves out a fold of its own, evenly of each label.

    There are 1 / fraction folds, but at least one for each member. Sample weights become those of the members.
    """
    samples, n = data.samples, len(data.t)
    folds = max(members, round(1 / fraction) if fraction > 0 else members)
    if len(samples) < 2 * folds:
        raise ValueError(
            f"The validation sets are too small: {len(samples)} samples in {folds} folds. Decrease n_ensemble, "
            "increase 'validation_fraction' or the size of your dataset, or give X_val and y_val to fit."
        )
    shuffled = np.random.default_rng(seed).permutation(len(samples))
    labels = np.zeros(len(samples)) if labels is None else labels.ravel()
    fold = np.full(n, -1)
    fold[samples[np.lexsort((shuffled, labels))]] = np.arange(len(samples)) % folds
    weight = (fold >= 0).astype(np.float64) if data.sample_weight is None else data.sample_weight
    left_out = fold[:, np.newaxis] == np.arange(members)
    parts = []
    for chosen in (~left_out, left_out):
        weights = weight[:, np.newaxis] * chosen
        parts.append(replace(data, sample_weight=weights, samples=taking_part(weights)))
    return parts[0], parts[1]


def like_one(
    network: Network,
    rule: Any,
    factors: np.ndarray | None,
    decays: np.ndarray | None,
    clip_norm: float | None,
) -> tuple[Any, np.ndarray | None, np.ndarray | None, float | None]:
    """The rule, the factors on rates and decays, and the limit with which each member takes the steps of one network.

    The loss is the mean over the members, and so becomes the penalty. Rules that divide a gradient by its size need a
    smaller ε for that, others a larger rate. A full-batch solver chooses its steps itself.
    """
    members, penalty = network.loss.members, network.penalty
    if penalty is not None:
        network.penalty = Penalty(penalty.l1 / members, penalty.l2 / members)  # type: ignore[operator]
    if not isinstance(rule, Optimizer):
        return rule, factors, decays, clip_norm
    clip_norm = clip_norm and clip_norm / members**0.5
    epsilon = getattr(rule, "epsilon", None)
    if epsilon is not None:
        smaller = replace(rule, epsilon=epsilon / members) if isinstance(epsilon, float) else rule  # type: ignore[call-arg]
        return smaller, factors, decays, clip_norm
    ones = np.ones_like(network.theta)
    factors, decays = (ones if f is None else f for f in (factors, decays))
    return rule, factors * members, decays / members, clip_norm


def are_separate(network: Network) -> bool:
    """Whether every parameter belongs to one member: each array has as many equal parts."""
    nodes = list(network.nodes)
    first = next((i for i, node in enumerate(nodes) if isinstance(node.layer, Repeat)), len(nodes))
    before = any(node.parameters or node.buffers for node in nodes[:first])
    shared = any(isinstance(node.layer, GroupedDense) and node.layer.shared for node in nodes)
    return first < len(nodes) and not before and not shared
