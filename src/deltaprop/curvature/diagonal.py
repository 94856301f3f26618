"""The diagonal of the Hessian by backpropagation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import batching, errors
from ..layers import chain

if TYPE_CHECKING:
    from ..network import Network


def hessian_diagonal(
    network: Network,
    x: Any,
    t: Any,
    sample_weight: Any = None,
    *,
    gauss_newton: bool = False,
    training: bool = False,
    step: int = 0,
) -> np.ndarray:
    """∂²E/∂theta² of each parameter, approximately: second derivatives are handed down as first ones are.

    One pass costs about as much as a gradient. Where two units of a layer act on E together, their mixed second
    derivative is taken as 0. The result is exact for a network of dense layers with at most one hidden layer under a
    loss that takes each output alone (all but softmax cross-entropy), since such derivatives then do not occur.

    Parameters
    ----------
    network, x, t, sample_weight, training, step
        As for `Network.gradient`; computed in float64.
    gauss_newton : bool
        Whether the terms with f″, and those like them of other layers, are left out: no entry is then negative if the
        loss is convex.

    Returns
    -------
    ndarray of theta's shape, float64

    Source: LeCun, Denker, Solla, *Optimal brain damage* (1990); LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §7.3
    and 7.4.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.curvature import Hessian
    >>> net = Network([Dense(4), "tanh", Dense(1)], inputs=2)
    >>> x, t = [[1.0, 0.0], [0.0, 2.0]], [0.0, 1.0]
    >>> bool(np.allclose(hessian_diagonal(net, x, t), Hessian(net, x, t).diagonal()))
    True
    """
    errors.number("hessian_diagonal", "step", step, low=0, integer=True)
    net = network.astype(np.float64)
    x, t, sample_weight = batching.batch("hessian_diagonal", net, x, t, sample_weight)
    diagonal = net.penalty_curvature(np.ones_like(net.theta))
    grad, part = np.empty_like(net.theta), np.empty_like(net.theta)
    for share, rows, targets, weight in net.evaluator.batches(x, t, sample_weight, training):
        cache = net.new_cache(training, step)
        z = net.run_forward(rows, cache)
        counts = share * batching.shares(z, weight)
        chain.backward(net.layers, cache, net.loss.delta(z, targets) * counts, net.views(grad))
        h_z = net.loss.curvature_diagonal(z, targets) * counts
        chain.backward_diagonal(net.layers, cache, h_z, net.views(part), gauss_newton)
        diagonal += part
    return diagonal
