"""fit: train a network by steps down the gradient. Every argument is checked here, before anything changes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import engines
from ..errors import InputError
from ..optimizers import Optimizer, as_optimizer
from . import arguments, sampling
from . import checkpoint as checkpoints
from . import data as checked
from .callbacks import Callback, EarlyStopping, ReduceOnPlateau
from .checkpoint import Checkpoint, CheckpointWriter
from .history import History
from .loop import Loop
from .measure import Measure, Score
from .progress import Progress
from .run import Run, Snapshot, columns


def fit(
    network: Any,
    x: Any,
    t: Any,
    *,
    sample_weight: Any = None,
    optimizer: str | Optimizer = "adam",
    epochs: int = 10,
    batch_size: int | None = 32,
    shuffle: bool = True,
    validation: Any = None,
    early_stopping: int | EarlyStopping | None = None,
    plateau: int | ReduceOnPlateau | None = None,
    callbacks: Sequence[Callback] = (),
    score: Score | None = None,
    train_score: bool = False,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    rate_factors: Any = None,
    checkpoint: str | Path | Checkpoint | None = None,
    resume: bool | Snapshot = False,
    keep_state: bool = False,
    progress: str | bool | Progress = "auto",
    engine: str | type[engines.Engine] = "auto",
    threads: int | None = None,
    seed: int | None = None,
) -> History:
    """Train the network from where its weights are.

    Each step takes the next batch, backpropagates its mean loss and lets the optimizer move theta. Ctrl-C
    ends cleanly with what was learned; a loss or weight that is not finite, or a training loss grown
    10⁴-fold, ends with the weights of the last good epoch; an exception (a callback's, say) leaves these
    weights too.

    Parameters
    ----------
    network : Network
        Changed in place.
    x : array of shape (n, inputs)
        float32, float64, integers, booleans, a memory-mapped file or a SciPy sparse matrix; converted to the
        network's dtype batch by batch.
    t : array of shape (n,) or (n, outputs)
        Targets as the network's loss takes them.
    sample_weight : array of shape (n,), optional
        ≥ 0. The loss of a batch is Σ weight · loss / Σ weight; a sample of weight 0 takes no part at all.
    optimizer : str or Optimizer
        Its schedules count the steps of this fit from 0.
    epochs : int
        Times that every sample is shown; ≥ 0. Of a resumed fit: in all.
    batch_size : int or None
        Samples a step; None, or an optimizer that wants it (gradient descent): all of them. The last batch of
        an epoch may be smaller.
    shuffle : bool
        A new order for each epoch, a pure function of the seed and the epoch's number; otherwise as given.
    validation : float, (x, t) or (x, t, sample_weight), optional
        A fraction of the samples to hold out (seeded; stratified by class where targets are classes), or the
        data itself.
    early_stopping : int or EarlyStopping, optional
        An integer is the patience in epochs; needs validation data, or a monitor of its own.
    plateau : int or ReduceOnPlateau, optional
        Reduce the learning rate when there is no improvement; an integer is the patience.
    callbacks : sequence of Callback
        Called in order, after the two above.
    score : callable, optional
        ``score(network, x, t, sample_weight) -> float``, larger is better, instead of the loss's own accuracy
        or R². t is as ``network.loss.encode`` returns it.
    train_score : bool
        Also score the training samples after each epoch, for the price of a forward pass over them.
    clip_norm, clip_value : float, optional
        Shorten a step's gradient to this length; limit its entries to this size.
    rate_factors : array of theta's shape, or dict, optional
        Factors ≥ 0 on the learning rate: a parameter each, or by layer (``{0: 0.1}``) or parameter name
        (``{"0.b": 2}``).
    checkpoint : str, Path or Checkpoint, optional
        Where, and how often, the state of the fit is written (a path alone: every 30 seconds).
    resume : bool or Snapshot
        True: continue from the checkpoint's file if it exists, and start anew if not; a run that was killed
        and resumed ends with exactly the weights of one that was not. A fit that had ended by early stopping
        or a callback stays ended. A `Snapshot` (of ``history.state``): continue from there, on these data.
    keep_state : bool
        Whether ``history.state`` is set, for `resume`.
    progress : "auto", bool or Progress
        A bar on standard error: when it is a terminal and the fit takes long, at once, or never.
    engine : {"auto", "numpy", "native"} or class of Engine
        What runs the steps.
    threads : int, optional
        Threads of the matrix products, at most 1024; by default as many as pay off. Where the system refuses
        some, fewer are used, with a RuntimeWarning.
    seed : int, optional
        Of the order of samples and the split; the network's own seed by default.

    Returns
    -------
    History
        A row an epoch; ``history.status`` and ``history.message`` say why training ended and what to do next.

    Raises
    ------
    InputError
        If an argument cannot be used, in one line that names the remedy; the network is then as it was. If
        the disk does not take a checkpoint.
    KeyboardInterrupt
        At the second Ctrl-C.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> net = Network([Dense(8), "tanh", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", seed=1)
    >>> history = fit(net, x, [0, 1, 1, 0], optimizer="momentum", epochs=500, batch_size=4)
    >>> print(net.predict_labels(x), history.status)
    [0 1 1 0] completed
    """
    optimizer = as_optimizer(optimizer)
    arguments.check_numbers(epochs, batch_size, clip_norm, clip_value, threads)
    arguments.check_switches(shuffle=shuffle, train_score=train_score, keep_state=keep_state)
    if score is not None and not callable(score):
        raise InputError(
            f"fit: score is {score!r}, expected a function of (network, x, t, sample_weight); give one."
        )
    callbacks = arguments.callbacks(early_stopping, plateau, callbacks, progress)
    checkpoint, resume = arguments.checkpoint(checkpoint, resume)
    factors = arguments.rate_factors(rate_factors, network)
    engine_class = engines.select(engine, network, optimizer)
    key = sampling.order_key(network.seed if seed is None else seed)
    data = checked.check("fit", network, x, t, sample_weight)
    data, held_out = checked.hold_out(data, network, validation, key)

    n = len(data.samples)
    size = n if batch_size is None or optimizer.full_batch else min(batch_size, n)
    rules = (optimizer, size, clip_norm, clip_value, factors, threads)
    steps = engine_class(network, data.x, data.t, data.sample_weight, *rules)
    monitor = next((c.monitor for c in callbacks if isinstance(c, EarlyStopping)), None)
    history = History(columns(steps, held_out is not None, train_score), monitor)
    run = Run(network, steps, data, held_out, epochs, history, callbacks)
    writer = start = None
    if checkpoint is not None:
        same = checkpoints.configuration(
            network,
            data,
            held_out,
            engine=engine_class.__name__,
            optimizer=optimizer,
            batch_size=size,
            shuffle=shuffle,
            clip_norm=clip_norm,
            clip_value=clip_value,
            rate_factors=checkpoints.fingerprint(factors),
            order=key.tolist(),
            callbacks=[c for c in callbacks if type(c).state is not Callback.state],
            score=score,
            train_score=train_score,
        )
        writer = CheckpointWriter(checkpoint, same)
        start = writer.read() if resume is True else None
    if isinstance(resume, Snapshot):
        start = replace(resume, facts=resume.facts | {"status": "", "message": ""})  # asked to go on
    if start is not None:
        run.check(start)
    orders = partial(sampling.orders, data.samples, key, shuffle=shuffle)
    with limited_blas(threads):
        Loop(run, Measure.of(run, key, score, train_score), orders, writer).train(start, keep_state)
    return history


def limited_blas(threads: int | None) -> Any:
    """A context in which BLAS uses at most that many threads."""
    if threads is None:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    return threadpool_limits(threads, user_api="blas")
