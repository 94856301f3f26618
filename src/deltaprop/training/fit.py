"""fit: train a network by gradient descent. Every argument is checked here, before anything changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import engines, seeds
from ..contradictions import warn_of_targets
from ..errors import InputError, short
from ..optimizers import Optimizer
from ..solvers import GaussNewton, LevenbergMarquardt, Solver, as_rule, select
from . import arguments
from . import data as checked
from .batch_size import GrowingBatchSize
from .callbacks import Callback, EarlyStopping, MomentumOnPlateau, ReduceOnPlateau
from .checkpoint import Checkpoint
from .factors import as_factors
from .history import History
from .measure import Score
from .progress import Progress
from .samplers import Sampler, as_sampler
from .snapshot import Snapshot
from .trainer import Trainer

if TYPE_CHECKING:
    from ..network import Network


def fit(
    network: Network,
    x: Any,
    t: Any,
    *,
    sample_weight: Any = None,
    optimizer: str | Optimizer | Solver = "adam",
    epochs: int = 10,
    batch_size: int | GrowingBatchSize | None = 32,
    shuffle: bool = True,
    sampler: str | Sampler | None = None,
    validation: Any = None,
    early_stopping: int | EarlyStopping | None = None,
    plateau: int | ReduceOnPlateau | None = None,
    momentum_plateau: int | MomentumOnPlateau | None = None,
    adapt_rate: str | Callback | None = None,
    callbacks: Sequence[Callback] = (),
    score: Score | None = None,
    train_score: bool = False,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    rate_factors: Any = None,
    decay_factors: Any = None,
    checkpoint: str | Path | Checkpoint | None = None,
    resume: bool | Snapshot = False,
    keep_state: bool = False,
    progress: str | bool | Progress = "auto",
    engine: str | type[engines.Engine] = "auto",
    threads: int | None = None,
    precision: str = "float32",
    seed: int | None = None,
) -> History:
    """Train the network, starting from its present weights.

    Each step backpropagates the mean loss of the next batch and lets the optimizer update theta. Ctrl-C
    ends the fit cleanly and keeps what was learned. Training has diverged when a loss or a weight is not finite, or
    when the training loss has grown 10⁴-fold: the fit then ends with the newest weights whose loss is known to be good.
    An exception (raised by a callback, say) leaves the weights of the last complete epoch.

    Parameters
    ----------
    network : Network
        Changed in place.
    x : array of shape (n, inputs)
        float32, float64, integers, booleans, a memory-mapped file or a SciPy sparse matrix; converted to the
        network's dtype batch by batch.
    t : array of shape (n,) or (n, outputs)
        Targets as the network's loss takes them.
    sample_weight : array of shape (n,), or (n, members) for a `MemberLoss`, optional
        ≥ 0. The loss of a batch is Σ weight · loss / Σ weight; a sample of weight 0 takes no part at all.
    optimizer : str, Optimizer or Solver
        Its schedules count the steps of this fit from 0. A solver, such as `deltaprop.solvers.LevenbergMarquardt`,
        takes all samples in every step, so that an epoch is one iteration; scale inputs and targets first.
    epochs : int
        Number of passes over the samples; ≥ 0. Of a resumed fit: in total.
    batch_size : int, GrowingBatchSize or None
        Samples per step; None, or a full-batch optimizer (gradient descent): all of them. The last batch of an epoch
        may be smaller. A `deltaprop.training.GrowingBatchSize` grows from epoch to epoch; its ``steps`` are what a
        schedule that is to span the fit counts.
    shuffle : bool
        Whether each epoch has a new order, a pure function of the seed and the epoch's number.
    sampler : str or Sampler, optional
        Which samples each epoch shows, and in which order, instead of `shuffle`: "fixed", "shuffled", "stratified",
        "alternating", "emphasizing", or an object of `deltaprop.training.samplers`, such as ``Curriculum(difficulty)``.
    validation : float, (x, t) or (x, t, sample_weight), optional
        A fraction of the samples to hold out (seeded; stratified by class where targets are classes), or the
        data itself.
    early_stopping : int or EarlyStopping, optional
        An integer is the patience in epochs; needs validation data, or a monitor of its own.
    plateau : int or ReduceOnPlateau, optional
        Reduce the learning rate when there is no improvement; an integer is the patience.
    momentum_plateau : int or MomentumOnPlateau, optional
        Raise the momentum, from 0.5 to 0.9, once the training loss has settled; an integer is the patience.
    adapt_rate : {"eigenvalue", "diagonal_lm"} or Callback, optional
        Rates from the curvature, measured after each epoch: a fraction of 1/λ_max for all parameters
        (`EigenvalueRate`), or one for each (`DiagonalLM`). For optimizers that do not divide the gradient by its size.
    callbacks : sequence of Callback
        Called in order, after those above.
    score : callable, optional
        ``score(network, x, t, sample_weight) -> float``, larger is better, instead of the loss's own accuracy
        or R². t is as ``network.loss.encode`` returns it.
    train_score : bool
        Whether to score the training samples after each epoch too, at the cost of a forward pass over them.
    clip_norm, clip_value : float, optional
        Largest norm of a step's gradient; largest size of its entries.
    rate_factors, decay_factors : array of theta's shape, or dict, optional
        Factors ≥ 0 on the learning rate and on the optimizer's weight decay: one per parameter, or by layer
        (``{0: 0.1}``), by parameter (``{"0.b": 2}``) or by its name in all layers (``{"b": 2}``); factors that meet
        multiply. In a step a parameter decays by rate · rate factor · weight decay · decay factor of itself.
        "fan_in", for weights only: 1/√fan_in for the rate and √fan_in for the decay, so that the latter does not depend
        on the former. These are the rates of the neural tangent parametrization, see ``docs/backprop.md``.
    checkpoint : str, Path or Checkpoint, optional
        Where, and how often, the state of the fit is written (a path alone: every 30 seconds).
    resume : bool or Snapshot
        True: continue from the checkpoint's file if it exists, and start from scratch if not; a run that was killed
        and resumed ends with exactly the weights of one that was not. A fit that had ended by early stopping
        or a callback stays ended. A `Snapshot` (of ``history.state``): continue from there, on these data.
    keep_state : bool
        Whether to set ``history.state``, for `resume`.
    progress : "auto", bool or Progress
        A bar on standard error: when it is a terminal and the fit takes long, at once, or never.
    engine : {"auto", "numpy", "native", "jax"} or class of Engine
        What runs the steps. "jax": on the GPUs that JAX finds, or on many machines, see ``docs/scaling.md``; needs
        ``pip install 'deltaprop[jax]'``.
    threads : int, optional
        Threads of the matrix products, at most 1024; by default as many as pay off. Where the system refuses
        some, fewer are used, with a RuntimeWarning. Not with engine="jax", whose threads XLA chooses.
    precision : {"float32", "tf32", "bf16"}
        How products of float32 matrices are computed with engine="jax": as they are, or several times faster on GPUs
        with factors rounded to the 10 bits of "tf32" or the 7 of "bf16"; sums, parameters and updates stay float32.
    seed : int, optional
        Of the order of samples and the split; the network's own seed by default.

    Returns
    -------
    History
        One row per epoch; ``history.status`` and ``history.message`` say why training ended.

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
    rule = as_rule(optimizer)
    if isinstance(rule, Solver):
        arguments.refuse_unused(
            rule,
            clip_norm=clip_norm,
            clip_value=clip_value,
            rate_factors=rate_factors,
            decay_factors=decay_factors,
            adapt_rate=adapt_rate,
            momentum_plateau=momentum_plateau,
            sampler=sampler,
        )
    arguments.check_numbers(epochs, batch_size, clip_norm, clip_value, threads, seed)
    arguments.check_switches(shuffle=shuffle, train_score=train_score, keep_state=keep_state)
    if score is not None and not callable(score):
        raise InputError(
            f"fit: score is {short(score)}, expected a function of (network, x, t, sample_weight); give one."
        )
    watching = arguments.all_callbacks(
        early_stopping, plateau, momentum_plateau, adapt_rate, callbacks, progress
    )
    checkpoint = arguments.as_checkpoint(checkpoint, resume)
    rate_factors = as_factors("rate_factors", rate_factors, network)
    decay_factors = as_factors("decay_factors", decay_factors, network)
    engine_class = select(engine, network, rule)
    arguments.check_precision(precision, engine_class, network.dtype)
    key = seeds.order_key(network.seed if seed is None else seed)
    data = checked.check("fit", network, x, t, sample_weight)
    if data.by_member and isinstance(rule, (GaussNewton, LevenbergMarquardt)):
        raise InputError(
            f"fit: sample_weight is (n, members) with {type(rule).__name__}, expected (n,); use another solver."
        )
    warn_of_targets(network, data.t)
    data, held_out = checked.hold_out(data, network, validation, key)
    if isinstance(resume, Snapshot):  # the user wants to go on, however it ended
        resume = replace(resume, facts=resume.facts | {"status": "", "message": ""})
    n = len(data.samples)
    return (
        Trainer(
            network,
            data,
            held_out,
            rule,
            engine_class,
            epochs=epochs,
            batch_size=arguments.as_batch_size(batch_size, n, rule),
            key=key,
            sampler=as_sampler("fit", sampler, shuffle and not isinstance(rule, Solver)),
            callbacks=watching,
            monitor=next((c.monitor for c in watching if isinstance(c, EarlyStopping)), None),
            score=score,
            train_score=train_score,
            clip_norm=clip_norm,
            clip_value=clip_value,
            rate_factors=rate_factors,
            decay_factors=decay_factors,
            threads=threads,
            precision=precision,
            checkpoint=checkpoint,
            resume=resume is True,
            snapshot=resume if isinstance(resume, Snapshot) else None,
            keep_state=keep_state,
        )
        .run()
        .history
    )
