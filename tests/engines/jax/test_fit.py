"""Whole fits by JAX: every option has NumPy's result, and faults, interruptions and restarts end as they do there."""

import signal

import numpy as np
import pytest
import scipy.sparse

from deltaprop import (
    BatchNorm,
    Dense,
    Dropout,
    GroupedDense,
    InputError,
    LayerNorm,
    MLPClassifier,
    Network,
    Repeat,
    Residual,
)
from deltaprop.engines.jax import compiled
from deltaprop.functions import (
    FlatCosine,
    Linear,
    MemberLoss,
    Penalty,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
)
from deltaprop.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSProp
from deltaprop.training import (
    Callback,
    Checkpoint,
    EarlyStopping,
    GrowingBatchSize,
    MomentumOnPlateau,
    ReduceOnPlateau,
    checkpoint,
    fit,
    loop,
)
from deltaprop.training.lr_find import lr_find
from deltaprop.training.samplers import Curriculum

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (46, 5))
LABELS = (X[:, 0] + X[:, 1] ** 2 + 0.3 * RNG.standard_normal(46) > 0.3).astype(int)
ROWS = np.eye(2)[LABELS]
WEIGHTS = RNG.uniform(0, 2, 46) * (np.arange(46) % 5 > 0)
WITHIN = {"float64": 1e-10, "float32": 1e-4}
LAYERS = [
    Dense(6),
    LayerNorm(epsilon=1e-2),
    "tanh",
    Residual([Dense(6, bias=False), BatchNorm(epsilon=1e-2), "silu"]),
]


def network(*layers, loss="softmax_cross_entropy", dtype="float64", **options):
    return Network([*(layers or LAYERS), Dense(2)], 5, loss, seed=1, dtype=dtype, **options)


def trained(engine, make=network, x=X, t=LABELS, epochs=4, **options):
    net = make()
    options = {key: value() if callable(value) else value for key, value in options.items()}
    return net, fit(net, x, t, epochs=epochs, engine=engine, keep_state=True, **{"batch_size": 8} | options)


def columns(history):
    return np.delete(history.table(), history.columns.index("seconds"), axis=1)


def assert_alike(result, expected):
    (ours, history), (reference, wanted) = result, expected
    within = WITHIN[str(reference.dtype)]
    close = {"rtol": 20 * within, "atol": within}
    assert np.abs(ours.theta - reference.theta).max() <= within * np.abs(reference.theta).max()
    np.testing.assert_allclose(ours.buffers, reference.buffers, **close)
    assert history.columns == wanted.columns
    assert (history.status, history.kept_epoch) == (wanted.status, wanted.kept_epoch)
    np.testing.assert_allclose(columns(history), columns(wanted), **close)
    if wanted.state is None:
        assert history.state is None
        return
    ours, reference = history.state.arrays, wanted.state.arrays
    assert {n: (a.shape, a.dtype) for n, a in ours.items()} == {
        n: (a.shape, a.dtype) for n, a in reference.items()
    }
    for name in reference.keys() - {"history"}:
        largest = max(1.0, np.abs(reference[name]).max(initial=0))
        np.testing.assert_allclose(
            ours[name], reference[name], rtol=20 * within, atol=within * largest, err_msg=name
        )


def assert_same_fit(make=network, **options):
    result, expected = (trained(engine, make, **options) for engine in ("jax", "numpy"))
    assert np.abs(expected[0].theta - make().theta).max() > 1e-3
    assert_alike(result, expected)
    return result


# -- options ---------------------------------------------------------------------------------------------------

FACTORS = {"rate_factors": {1: 0.5, "b": 2.0, "w": "fan_in"}, "decay_factors": {"w": 3.0, "b": 0.5}}
DROPOUTS = [Dropout(0.2), Dense(6), "tanh", Residual([Dense(6), Dropout(Linear(0.1, 0.5, 20))])]


class Halve(Callback):
    """Changes the weights after each epoch."""

    def on_epoch(self, run):
        run.network.theta *= 0.9
        run.network.buffers[:] += 0.1


class Scores(Callback):
    """Changes the rate, and asks for the losses of the samples."""

    def on_epoch(self, run):
        run.rate_scale *= 0.5 if run.history.last["train_loss"] < 10 else 1


def score(net, x, t, sample_weight):
    return -net.value(x, t, sample_weight)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (
            lambda: network(*DROPOUTS, penalty=Penalty(l1=1e-3, l2=1e-2)),
            {
                "optimizer": Momentum(FlatCosine(0.1, 20), momentum=Linear(0.5, 0.9, 20)),
                "clip_norm": 0.3,
                **FACTORS,
            },
        ),
        (
            lambda: network(penalty=Penalty(l2=(1e-2, 0.0, 1e-3))),
            {
                "optimizer": AdamW(
                    0.01, beta1=Linear(0.5, 0.9, 20), epsilon=1e-4, weight_decay=Linear(0, 0.1, 9)
                ),
                "clip_value": 0.01,
                "sample_weight": WEIGHTS,
                "validation": 0.2,
                "train_score": True,
                **FACTORS,
            },
        ),
        (
            network,
            {
                "optimizer": Nesterov(0.05),
                "early_stopping": lambda: EarlyStopping(2, min_improvement=0.1),
                "plateau": lambda: ReduceOnPlateau(patience=1, min_improvement=0.5),
                "validation": (X[::2], ROWS[::2], WEIGHTS[::2]),
                "sampler": "stratified",
                "epochs": 9,
            },
        ),
        (
            network,
            {
                "optimizer": Momentum(0.05),
                "momentum_plateau": lambda: MomentumOnPlateau(patience=2, min_improvement=0.2),
                "batch_size": GrowingBatchSize(7, 2, every=3),
                "epochs": 9,
            },
        ),
        (
            network,
            {
                "optimizer": SGD(0.05),
                "adapt_rate": "diagonal_lm",
                "sampler": "emphasizing",
                "score": lambda: score,
            },
        ),
        (network, {"optimizer": SGD(0.05), "adapt_rate": "eigenvalue", "callbacks": [Halve()], **FACTORS}),
        (
            network,
            {
                "callbacks": [Scores()],
                "batch_size": None,
                "sampler": Curriculum(np.arange(46.0)),
                "epochs": 6,
            },
        ),
        (network, {"optimizer": "gradient_descent", "t": ROWS * 0.8 + 0.1, "epochs": 30}),
        (
            lambda: network(dtype="float32"),
            {"optimizer": RMSProp(0.01, epsilon=1e-3), "sample_weight": WEIGHTS},
        ),
    ],
    ids=[
        "schedules, dropout, penalty, norm",
        "decay, weights, values, penalty by layer",
        "stopping, plateau",
        "momentum, growing batches",
        "rates by curvature, losses of samples",
        "changed weights",
        "changed rate, all samples",
        "full batch, rows",
        "float32",
    ],
)
def test_options(make, options):
    assert_same_fit(make, **options)


@pytest.mark.parametrize(
    ("loss", "options"),
    [
        (
            MemberLoss(SoftmaxCrossEntropy(label_smoothing=0.1), 3),
            {"sample_weight": RNG.uniform(0, 2, (46, 3))},
        ),
        (MemberLoss(SquaredError(-1, 1), 3), {"sample_weight": WEIGHTS}),
        (MemberLoss(SigmoidCrossEntropy(label_smoothing=0.2), 3), {"t": ROWS}),
    ],
    ids=["weights of members", "labels as rows", "rows"],
)
def test_ensembles(loss, options):
    layers = [Repeat(3), GroupedDense(5, groups=3), LayerNorm(epsilon=1e-2, groups=3), "tanh"]

    def make():
        return Network([*layers, GroupedDense(2, groups=3)], 5, loss, seed=1, dtype="float64")

    assert_same_fit(make, optimizer="momentum", **options)


def test_a_batch_whose_weights_are_all_zero_and_one_larger_than_the_data():
    weights = WEIGHTS * (np.arange(46) >= 16)
    assert_same_fit(sample_weight=weights, sampler="fixed", optimizer="momentum")
    assert_same_fit(batch_size=100, optimizer="momentum", epochs=2)


# -- kinds of inputs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uint8", "int64", "bool", "float32", "sparse", "file", "strided"])
def test_inputs(tmp_path, kind):
    x = np.round(X * 3)
    if kind in ("uint8", "int64", "bool", "float32"):
        x = np.abs(x).astype(kind)
    elif kind == "sparse":
        x = scipy.sparse.csr_array(x * (X > 0))
    elif kind == "file":
        np.save(tmp_path / "x.npy", x.astype("float32"))
        x = np.load(tmp_path / "x.npy", mmap_mode="r")
    else:
        x = np.asfortranarray(np.repeat(x, 2, axis=0))[::2]
    options = {"optimizer": "momentum", "validation": 0.2, "epochs": 2}
    net, _ = assert_same_fit(lambda: network("tanh"), x=x, **options)
    assert np.isfinite(net.predict(x)).all()


def test_files_are_read_some_steps_at_a_time(tmp_path, monkeypatch):
    from deltaprop.engines.jax import engine, evaluator

    np.save(tmp_path / "x.npy", X)
    monkeypatch.setattr(engine, "CHUNK_BYTES", 2 * 8 * X[0].nbytes)  # two steps
    monkeypatch.setattr(evaluator, "ROWS", 16)
    assert_same_fit(
        lambda: network("tanh"),
        x=np.load(tmp_path / "x.npy", mmap_mode="r"),
        validation=0.3,
        optimizer="momentum",
        sample_weight=WEIGHTS,
    )


# -- faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("careful", [True, False], ids=["epoch by epoch", "in blocks"])
@pytest.mark.parametrize(("rate", "epochs"), [(50.0, 40), (2.2, 500), (1e30, 9)])
def test_divergence(rate, epochs, careful):
    """Not finite within some epochs, growth, and not finite at once."""
    callbacks = [Callback()] if careful else []
    if careful:
        callbacks[0].on_epoch = lambda run: None

    def make():
        return Network([Dense(1)], 5, dtype="float64", seed=1)

    options = {"x": X, "t": 3 * X[:, :1], "optimizer": SGD(rate), "epochs": epochs, "callbacks": callbacks}
    options["batch_size"] = None if rate == 2.2 else 8
    results = [trained(engine, make, **options) for engine in ("jax", "numpy")]
    (ours, history), (reference, wanted) = results
    assert (history.status, history.message, len(history)) == ("diverged", wanted.message, len(wanted))
    np.testing.assert_allclose(ours.theta, reference.theta, rtol=1e-6, atol=1e-10)
    assert "Diverged in epoch" in history.message


def test_a_rate_outside_its_range_ends_the_fit_with_the_weights_of_the_last_epoch():
    def make():
        return network(Dense(9), "tanh", Dropout(Linear(0, 1, 13)))

    whole, _ = trained("jax", make, epochs=2)  # 6 steps an epoch
    net = make()
    with pytest.raises(InputError, match=r"^Dropout: rate is 1 in step 13"):
        fit(net, X, LABELS, epochs=4, validation=(X, LABELS), batch_size=8, engine="jax")
    np.testing.assert_allclose(net.theta, whole.theta, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"threads": 2}, "threads is 2, expected None with engine='jax'"),
        ({"precision": "tf32"}, "precision is 'tf32'"),
        ({"precision": "half"}, "precision is 'half'"),
    ],
)
def test_arguments_are_refused(options, words):
    net = network(dtype="float32")
    before = net.theta.copy()
    with pytest.raises(InputError, match=f"^fit: {words}"):
        fit(net, X, LABELS, engine="jax", **options)
    np.testing.assert_array_equal(net.theta, before)


def test_factors_rounded_to_bfloat16():
    ours, reference = (
        trained("jax", lambda: network(dtype="float32"), precision=p, optimizer="sgd")[0]
        for p in ("bf16", "float32")
    )
    apart = np.abs(ours.theta - reference.theta).max()
    assert 1e-6 < apart < 1e-2


# -- interruptions and restarts --------------------------------------------------------------------------------

NEVER = {"min_improvement": 10.0}


def resumable(**options):
    """What must survive: dropout, running statistics, a plateau, stopping with the best weights."""
    return {
        "make": lambda: network(
            Dense(6, bias=False), BatchNorm(epsilon=1e-2), "tanh", Dropout(FlatCosine(0.3, 60))
        ),
        "optimizer": Adam(0.01, epsilon=1e-4),
        "validation": 0.2,
        "early_stopping": lambda: EarlyStopping(3, **NEVER),
        "plateau": lambda: ReduceOnPlateau(patience=1, **NEVER),
        "epochs": 6,
        "sample_weight": WEIGHTS,
    } | options


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moment", [1, 13])
def test_a_killed_run_ends_as_the_whole_one(tmp_path, monkeypatch, moment):
    whole, wanted = trained("jax", **resumable())
    count, write, positions = [0], checkpoint.write, []
    monkeypatch.setattr(loop, "POLL_INTERVAL", 0.0)  # a chunk is a step, and its end a checkpoint

    def last(path, snapshot):
        write(path, snapshot)
        count[0] += 1
        positions.append(snapshot.facts["position"])
        if count[0] == moment:
            raise Killed

    monkeypatch.setattr(checkpoint, "write", last)
    file = Checkpoint(tmp_path / "a.ckpt", every_seconds=0)
    with pytest.raises(Killed):
        trained("jax", **resumable(checkpoint=file))
    assert positions[-1] > 0
    monkeypatch.undo()
    net, history = trained("jax", **resumable(checkpoint=file, resume=True))
    assert net.theta.tobytes() == whole.theta.tobytes()
    assert net.buffers.tobytes() == whole.buffers.tobytes()
    assert columns(history).tobytes() == columns(wanted).tobytes()
    assert (history.status, history.message) == (wanted.status, wanted.message)


@pytest.mark.parametrize(
    ("before", "after"), [("numpy", "jax"), ("jax", "numpy"), ("auto", "jax"), ("jax", "auto")]
)
def test_another_engine_goes_on(tmp_path, before, after):
    whole = trained("numpy", **resumable())
    file = tmp_path / "a.ckpt"
    trained(before, **resumable(checkpoint=file, epochs=2))
    first = checkpoint.read(file)
    assert_alike(trained(after, **resumable(checkpoint=file, resume=True)), whole)
    trained("numpy", **resumable(checkpoint=tmp_path / "b.ckpt", epochs=2))
    other = checkpoint.read(tmp_path / "b.ckpt")
    assert {n: (a.shape, a.dtype) for n, a in first.arrays.items()} == {
        n: (a.shape, a.dtype) for n, a in other.arrays.items()
    }
    assert first.configuration == other.configuration
    assert first.facts.keys() == other.facts.keys()


class Press(Callback):
    """Presses Ctrl-C in the third epoch."""

    def on_poll(self, run):
        if run.step >= 14:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_keeps_what_was_learned(monkeypatch):
    monkeypatch.setattr(loop, "POLL_INTERVAL", 0.0)
    validation = X[:9], LABELS[:9]  # so that no epochs are taken at once, whose bits may differ
    net, history = trained("jax", epochs=9, callbacks=[Press()], validation=validation)
    monkeypatch.undo()
    assert (history.status, len(history)) == ("interrupted", 2)
    assert history.message.startswith("Interrupted by Ctrl-C in epoch 3 of 9 after step 14;")
    state = history.state
    assert state.arrays["theta"].tobytes() == net.theta.tobytes()
    rest = fit(net, X, LABELS, epochs=4, batch_size=8, engine="jax", resume=state, validation=validation)
    whole, wanted = trained("jax", validation=validation)
    assert net.theta.tobytes() == whole.theta.tobytes()
    assert columns(rest).tobytes() == columns(wanted).tobytes()


def test_a_callback_that_raises_leaves_the_weights_of_the_last_epoch():
    class Fail(Callback):
        def on_epoch(self, run):
            if run.epoch == 3:
                raise RuntimeError("no more")

    net = network()
    with pytest.raises(RuntimeError, match="no more"):
        fit(net, X, LABELS, epochs=9, batch_size=8, engine="jax", callbacks=[Fail()])
    np.testing.assert_allclose(net.theta, trained("jax", epochs=3)[0].theta, rtol=0, atol=1e-13)


# -- programs are compiled once ----------------------------------------------------------------------------------


def count_programs():
    functions = compiled.train, compiled.train_epochs, compiled.forward, compiled.layer_stats
    return sum(function._cache_size() for function in functions)


def test_equal_programs_are_compiled_once():
    def run(rate=0.1, momentum=0.9, seed=1, **options):
        def make():
            return Network([Dense(3), "tanh", Dense(2)], 5, "softmax_cross_entropy", seed=seed)

        return trained("jax", make, optimizer=Momentum(rate, momentum), validation=0.2, **options)[0]

    first = run()
    count = count_programs()
    assert count > 0
    others = [
        run(),
        run(rate=0.05),
        run(momentum=0.5),
        run(seed=2),
        run(x=X + 1),
        run(t=1 - LABELS),
        run(epochs=7),
    ]
    others += [run(rate=FlatCosine(0.1, 9)), run(plateau=2)]
    assert count_programs() == count
    assert others[0].theta.tobytes() == first.theta.tobytes()
    assert all(np.abs(net.theta - first.theta).max() > 1e-3 for net in others[1:-1])
    run(clip_norm=0.1)
    assert count_programs() > count


def test_partial_fit_compiles_once_and_equals_numpy():
    def model(engine):
        return MLPClassifier((4,), random_state=0, batch_size=8, engine=engine, learning_rate_init=0.05)

    ours, reference = model("jax"), model("numpy")
    for call in range(4):
        for one in (ours, reference):
            one.partial_fit(X, LABELS, classes=[0, 1])
        if call == 0:
            count = count_programs()
    assert count_programs() == count
    np.testing.assert_allclose(ours.predict_proba(X), reference.predict_proba(X), atol=1e-5)


def test_the_search_for_a_rate_finds_the_same():
    ours, reference = (lr_find(network(), X, LABELS, engine=e, batch_size=8) for e in ("jax", "numpy"))
    np.testing.assert_allclose(ours.losses, reference.losses, rtol=1e-8)
    assert ours.rate == pytest.approx(reference.rate)
