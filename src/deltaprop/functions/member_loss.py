"""The loss of an ensemble whose members are groups of one network's outputs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..bounds import Count
from ..errors import InputError, choose
from .loss import Loss
from .losses import LOSSES

__all__ = ["MemberLoss"]


@dataclass(frozen=True)
class MemberLoss(Loss):
    """e = mean over the members m of the loss of z_m, the outputs of member m; the prediction is the mean of theirs.

    All members have the same targets. Sample weights may be (n, members), so that a member can leave samples out; E is
    then Σ weight · loss / Σ weight over samples and members.

    Parameters
    ----------
    loss : str or Loss
        Of one member.
    members : int
        Their number; it divides the number of outputs.

    Source: Gorishniy, Kotelnikov, Babenko, *TabM* (2025), §3.2: the mean of the losses, not the loss of the mean.

    Examples
    --------
    >>> import numpy as np
    >>> z, t = np.array([[1.0, 3.0]]), np.array([[1.0]])
    >>> loss = MemberLoss("squared_error", members=2)
    >>> print(loss.value(z, t), loss.delta(z, t), loss.predict(z))
    [1.] [[0. 1.]] [[2.]]
    """

    loss: Any
    members: Count  # type: ignore[reportIncompatibleVariableOverride]

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "loss", choose("MemberLoss", "loss", self.loss, LOSSES, Loss))
        if self.loss.members > 1:
            raise InputError("MemberLoss: loss is a MemberLoss, expected the loss of one member; give that.")
        for name in ("classification", "off", "on", "output_map"):
            object.__setattr__(self, name, getattr(self.loss, name))

    @property
    def single(self):
        return self.loss

    def value(self, z, t):
        return self.member_values(z, t).mean(axis=1)

    def member_values(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """e of each sample and member, (n, members)."""
        return self.loss.value(self._split(z), self._each(t)).reshape(len(z), self.members)

    def delta(self, z, t):
        return self.loss.delta(self._split(z), self._each(t)).reshape(z.shape) / self.members

    def curvature(self, z, t, v):
        product = self.loss.curvature(self._split(z), self._each(t), self._split(v))
        return product.reshape(z.shape) / self.members

    def curvature_diagonal(self, z, t):
        return self.loss.curvature_diagonal(self._split(z), self._each(t)).reshape(z.shape) / self.members

    def curvature_factor(self, z, t):
        k, n = self.members, len(z)
        own = self.loss.curvature_factor(self._split(z), self._each(t)) / z.dtype.type(np.sqrt(k))
        _, d, r = own.shape
        factor = np.zeros((n, k, d, k, r), z.dtype)
        for m in range(k):
            factor[:, m, :, m] = own.reshape(n, k, d, r)[:, m]
        return factor.reshape(n, k * d, k * r)

    def residual(self, z, t):
        residual = self.loss.residual(self._split(z), self._each(t)).reshape(z.shape)
        return residual / z.dtype.type(np.sqrt(self.members))

    def predict(self, z):
        return self.member_predictions(z).mean(axis=1)

    def member_predictions(self, z: np.ndarray) -> np.ndarray:
        """What each member predicts, (n, members, outputs of one)."""
        return self.loss.predict(self._split(z)).reshape(len(z), self.members, -1)

    def average(self, z: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        """The z of one network that would predict what the members predict on average, (n, outputs of one).

        Parameters
        ----------
        z : ndarray of shape (n, outputs)
        weight : ndarray of shape (n, members), optional
            What each member counts for each sample.
        """
        groups = z.reshape(len(z), self.members, -1)
        share = np.full((len(z), self.members), 1 / self.members, z.dtype)
        if weight is not None:
            share = (weight / weight.sum(axis=1, keepdims=True)).astype(z.dtype)
        return _AVERAGES[self.output_map](groups, share[:, :, None])

    def labels(self, z):
        return self.loss.labels(self.average(z))

    def score(self, z, t, sample_weight=None):
        """As for one network; where weights are (n, members), a sample is predicted by the members that weigh it."""
        if sample_weight is None or sample_weight.ndim == 1:
            return self.loss.score(self.average(z), t, sample_weight)
        return self.loss.score(self.average(z, sample_weight), t, sample_weight.mean(axis=1))

    def member_losses(self, z: np.ndarray, t: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The loss of each member on the samples that it weighs, (members,)."""
        values = self.member_values(z, self.rows(t, z.shape[1], z.dtype))
        return (values * weight).sum(axis=0) / weight.sum(axis=0)

    def member_scores(self, z: np.ndarray, t: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The score of each member on the samples that it weighs, (members,)."""
        groups = z.reshape(len(z), self.members, -1)
        return np.array([self.loss.score(groups[:, m], t, weight[:, m]) for m in range(self.members)])

    def encode(self, t, outputs, dtype):
        return self.loss.encode(t, outputs // self.members, dtype)

    def rows(self, t, outputs, dtype):
        return self.loss.rows(t, outputs // self.members, dtype)

    def _split(self, z):
        """(n, members · d) → (n · members, d)"""
        return z.reshape(len(z) * self.members, -1)

    def _each(self, t):
        """The targets once for each member, as `_split` orders them."""
        return np.repeat(t, self.members, axis=0)


def _log_mean_exp(z: np.ndarray, share: np.ndarray) -> np.ndarray:
    """log Σ share · e^z over the members."""
    largest = z.max(axis=1, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.log((share * np.exp(z - largest)).sum(axis=1)) + largest[:, 0]


def _softmax(z: np.ndarray, share: np.ndarray) -> np.ndarray:
    shifted = z - z.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    return _log_mean_exp(log_p, share)


def _sigmoid(z: np.ndarray, share: np.ndarray) -> np.ndarray:
    """log p − log(1 − p), of the mean p."""
    return _log_mean_exp(-np.logaddexp(0, -z), share) - _log_mean_exp(-np.logaddexp(0, z), share)


#: By the output map: the z whose prediction is the mean of the members' predictions; z (n, members, d). Of the step,
#: whose mean is a share of votes, how far it is from a half.
_AVERAGES = {
    "identity": lambda z, share: (share * z).sum(axis=1),
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "exp": _log_mean_exp,
    "step": lambda z, share: (share * (z >= 0)).sum(axis=1) - z.dtype.type(0.5),
}
