"""The numbers of one pass, and the chain of responsibility of one weight, as `Network.trace` has them.

A sample of the next batch is traced within that batch as the next step will see it: in training mode, with the same
dropout mask and batch statistics. A sample of the data, or a place in the plane, is traced alone, in inference mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ..layers import Activation
from ..trace import LayerTrace, Responsibility, Trace
from .complaints import Complaint
from .messages import Ask, AskChain, Chain, LayerNumbers, Numbers

if TYPE_CHECKING:
    from .run import Run

#: What `Responsibility.slow_because` may say, and the page's key for it.
WHY: dict[str, Literal["input", "slope", "delta"]] = {
    "its input activation is near 0": "input",
    "its unit is saturated or off (f′ near 0)": "slope",
    "the deltas above have vanished": "delta",
}


class Pass(NamedTuple):
    """A trace, and the sample in it that was asked for."""

    trace: Trace
    row: int
    place: tuple[float, float]
    target: float
    training: bool


def numbers(run: Run, ask: Ask) -> Numbers:
    """Everything that one pass computes for one sample."""
    trace, row, place, target, training = trace_of(run, ask)
    z = trace.layers[-1].z[row : row + 1]
    return Numbers(
        run=ask.run,
        step=run.step,
        sample=ask.sample,
        in_batch=ask.in_batch,
        batch=len(run.batch()),
        training=training,
        x=place[0],
        y=place[1],
        target=target,
        t=trace.t[row].tolist(),
        prediction=trace.y[row].tolist(),
        loss=float(run.network.loss.value(z, trace.t[row : row + 1])[0]),
        value=trace.value,
        layers=[_layer(record, title, column, row) for record, title, column in _stages(trace)],
        text=trace.show(row),
    )


def chain(run: Run, ask: AskChain) -> Chain:
    """The three factors of the gradient by one weight or bias, for one sample."""
    network = run.network
    if ask.weight >= network.theta.size:
        raise Complaint("no_weight", got=ask.weight, most=network.theta.size - 1)
    block = next(b for b in network.layout if ask.weight < b.slice.stop)
    if block.parameter not in ("w", "b"):
        raise Complaint("no_chain", got=block.parameter)
    trace, row, _, _, training = trace_of(run, ask)
    i, *j = (int(k) for k in np.unravel_index(ask.weight - block.start, block.shape))
    record = next(r for r in trace.layers if r.view.index == block.layer)
    next_step = run.fork()
    next_step.advance(1)
    responsibility = trace.responsibility(record.name, i, j[0]) if j else _of_bias(record, i)
    return Chain(
        run=ask.run,
        step=run.step,
        weight=ask.weight,
        value=float(network.theta[ask.weight]),
        after=float(next_step.network.theta[ask.weight]),
        d_a=float(responsibility.d_a[row]),
        f_prime=float(responsibility.f_prime[row]),
        x=float(responsibility.x[row]),
        gradient=float(trace.grad[ask.weight]),
        difference=_difference(run, ask.weight, trace, training),
        penalty=responsibility.penalty,
        samples=len(trace.t),
        text=str(responsibility) if j else str(responsibility).replace(f"w[{i},0]", f"b[{i}]"),
        why=[WHY[reason] for reason in responsibility.slow_because],
    )


def trace_of(run: Run, ask: Ask) -> Pass:
    """The pass for the sample of a question; refused if it asks for none, for two, or for one that is not there."""
    asked = [name for name in ("sample", "in_batch", "x") if getattr(ask, name) is not None]
    if len(asked) != 1 or (ask.x is None) != (ask.y is None):
        raise Complaint("which_sample")
    if ask.x is not None and ask.y is not None:
        x, t, place, target = _at_place(run, ask.x, ask.y, ask.target)
        row = 0
    else:
        x, t, row, point = _of_data(run, ask)
        place, target = run.points.x[point], float(run.points.t[point])
    training = ask.in_batch is not None
    with np.errstate(all="ignore"):  # weights that have grown too large are refused below
        trace = run.network.trace(x, t, training=training, step=run.step)
    if not (np.isfinite(trace.value) and np.isfinite(trace.grad).all()):
        raise Complaint("not_finite")
    return Pass(trace, row, (float(place[0]), float(place[1])), target, training)


def _of_data(run: Run, ask: Ask) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Inputs and targets of the pass, the row of the sample in it, and its index among the points."""
    data = run.fit.trainer.data
    if ask.in_batch is None:
        rows, row = np.array([_known("no_sample", ask.sample, len(run.points))]), 0
    else:
        rows = run.batch()
        row = _known("no_sample_in_batch", ask.in_batch, len(rows))
    return data.x[rows], data.t[rows], row, int(rows[row])


def _known(complaint: str, index: Any, count: int) -> int:
    if not 0 <= index < count:
        raise Complaint(complaint, got=index, most=count - 1)
    return index


def _at_place(
    run: Run, x: float, y: float, target: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Inputs, encoded target, place and target; a place without a target takes that of the nearest sample."""
    problem, t = run.problem, run.fit.trainer.data.t
    place = np.array([x, y])
    if not np.abs(place).max() <= problem.extent:  # NaN is not either
        raise Complaint("outside", x=x, y=y, extent=problem.extent)
    if target is None:
        like = int(np.square(problem.points.x - place).sum(axis=1).argmin())
    elif problem.classes:
        alike = np.flatnonzero(problem.targets == target)
        if not len(alike):
            known = ", ".join(map(str, np.unique(problem.targets)))
            raise Complaint("no_such_target", got=target, known=known)
        like = int(alike[0])
    elif np.isfinite(target):
        return problem.from_plane(place[None]), np.full((1, 1), target), place, target
    else:
        raise Complaint("not_a_number", got=target)
    return problem.from_plane(place[None]), t[like : like + 1], place, float(problem.points.t[like])


def _difference(run: Run, weight: int, trace: Trace, training: bool) -> float:
    """∂E/∂theta[weight] without backpropagation: E a little to both sides of the weight, in float64."""
    network = run.network.astype("float64")
    middle = network.theta[weight]
    width = 1e-5 * max(1.0, abs(middle))
    value = []
    for network.theta[weight] in (middle + width, middle - width):
        value.append(network.value(trace.layers[0].x, trace.t, training=training, step=run.step))
    return (value[0] - value[1]) / (2 * width)


def _of_bias(record: LayerTrace, i: int) -> Responsibility:
    """The chain for a bias: a weight from an input that is always 1."""
    one = np.ones(len(record.z))
    slope = one if record.f_prime is None else record.f_prime[:, i]
    return Responsibility(record.name, i, 0, record.d_a[:, i], slope, one)


def _stages(trace: Trace) -> Iterator[tuple[LayerTrace, str, int]]:
    """Every layer but the activations, with its title and the column of the picture that it belongs to."""
    column = 0
    for record, following in zip(trace.layers, [*trace.layers[1:], None], strict=True):
        if isinstance(record.layer, Activation):
            continue
        column += "w" in record.gradient
        title = type(record.layer).__name__
        if following is not None and isinstance(following.layer, Activation):
            title += f" · {type(following.layer.function).__name__}"
        yield record, title, column


def _layer(record: LayerTrace, title: str, column: int, row: int) -> LayerNumbers:
    w, b, d_w, d_b = ([], [], [], [])
    if "w" in record.gradient:
        w, b, d_w, d_b = (a.tolist() for a in (record.view.w, record.view.b, record.d_w, record.d_b))
    return LayerNumbers(
        title=title,
        column=column,
        x=record.x[row].tolist(),
        z=record.z[row].tolist(),
        a=record.a[row].tolist(),
        f_prime=None if record.f_prime is None else record.f_prime[row].tolist(),
        delta=record.delta[row].tolist(),
        w=w,
        b=b,
        d_w=d_w,
        d_b=d_b,
    )
