"""Checkpoints: what is cut off goes on as if nothing had happened."""

import importlib.util
import json
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from deltaprop import BatchNorm, Dense, Dropout, InputError, Network, distributed, files
from deltaprop.functions import FlatCosine
from deltaprop.optimizers import OPTIMIZERS, SGD
from deltaprop.training import Callback, Checkpoint, EarlyStopping, ReduceOnPlateau, checkpoint, fit, loop

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3)).astype("float32")
T = (X[:, 0] + 0.5 * RNG.normal(size=50) > 0).astype(int)


def network():
    layers = [Dense(6), BatchNorm(), "relu", Dropout(FlatCosine(0.3, 60)), Dense(2)]
    return Network(layers, 3, "softmax_cross_entropy", seed=1)


def options(**more):
    never = {"min_improvement": 10.0}  # so that the rate falls after every epoch and the fifth is the last
    callbacks = {
        "early_stopping": EarlyStopping(4, **never),
        "plateau": ReduceOnPlateau(patience=1, **never),
    }
    return {"epochs": 8, "batch_size": 4, "validation": 0.2, **callbacks} | more


def result(net, history):
    table = np.delete(history.table(), history.columns.index("seconds"), axis=1)
    return net.theta.tobytes(), net.buffers.tobytes(), table.tobytes(), history.status, history.message


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def kill(monkeypatch):
    """Make the n-th write of a checkpoint the last thing that happens; writes come after every step."""
    monkeypatch.setattr(loop, "POLL_INTERVAL", 0.0)

    def arm(n):
        count, real = [0], checkpoint.write

        def write(path, snapshot):
            real(path, snapshot)
            count[0] += 1
            if count[0] == n:
                raise Killed

        monkeypatch.setattr(checkpoint, "write", write)

    return arm


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
@pytest.mark.parametrize("moment", [1, 23])
def test_a_killed_run_ends_as_the_whole_one(tmp_path, kill, monkeypatch, optimizer, moment):
    if optimizer == "gradient_descent":
        moment = min(moment, 5)
    net = network()
    whole = result(net, fit(net, X, T, **options(optimizer=optimizer)))
    every = Checkpoint(tmp_path / "a.ckpt", every_seconds=0)
    with monkeypatch.context():
        kill(moment)
        with pytest.raises(Killed):
            fit(network(), X, T, **options(optimizer=optimizer, checkpoint=every))
    monkeypatch.undo()
    again = Network(
        [Dense(6), BatchNorm(), "relu", Dropout(FlatCosine(0.3, 60)), Dense(2)],
        3,
        "softmax_cross_entropy",
        seed=1,
    )
    again.theta[:] = 7  # whatever stands there
    assert (
        result(again, fit(again, X, T, **options(optimizer=optimizer, checkpoint=every, resume=True)))
        == whole
    )


def test_a_diverging_run_resumes_to_the_same_end(tmp_path, kill, monkeypatch):
    def line():
        return Network([Dense(1)], inputs=3, dtype="float64")

    arguments = {"optimizer": SGD(1.2), "epochs": 99, "batch_size": 4}  # diverges in some later epoch
    net, again = line(), line()
    whole = result(net, fit(net, X, T, **arguments))
    assert whole[3] == "diverged"
    assert again.theta.tobytes() != whole[0]
    every = Checkpoint(tmp_path / "a.ckpt", every_seconds=0)
    kill(250)  # in the epoch in which it diverges
    with pytest.raises(Killed):
        fit(line(), X, T, **arguments, checkpoint=every)
    monkeypatch.undo()
    assert result(again, fit(again, X, T, **arguments, checkpoint=every, resume=True)) == whole


@pytest.mark.parametrize("layers", [[Dense(1)], [BatchNorm(), Dense(1)]], ids=str)
def test_a_fit_whose_state_overflows_float32_can_be_continued(tmp_path, layers):
    """The weights stay finite with infinite squared gradients in Adam, or infinite running variances."""
    inputs, targets = (X * 1e10, T * 1e10) if len(layers) == 1 else (X * 1e30, T)
    whole, part = (Network(layers, inputs=3) for _ in range(2))
    with np.errstate(all="ignore"):
        fitted = result(whole, fit(whole, inputs, targets, epochs=4))
        assert fitted[3] == "completed"
        fit(part, inputs, targets, epochs=2, checkpoint=tmp_path / "a.ckpt")
        resumed = fit(part, inputs, targets, epochs=4, checkpoint=tmp_path / "a.ckpt", resume=True)
    assert result(part, resumed) == fitted


def test_a_run_killed_after_its_weights_overflowed_diverges_when_resumed(tmp_path, kill, monkeypatch):
    every = Checkpoint(tmp_path / "a.ckpt", every_seconds=0)
    kill(2)
    with pytest.raises(Killed):
        fit(network(), X, T, batch_size=4, checkpoint=every)
    monkeypatch.undo()
    spoil_arrays(every.path, lambda a: a["theta"].fill(np.inf))
    history = fit(network(), X, T, batch_size=4, checkpoint=every, resume=True)
    assert history.status == "diverged"


def test_processes_killed_by_the_system_resume_to_the_identical_end():
    path = Path(__file__).parents[1] / "kill_and_resume.py"
    spec = importlib.util.spec_from_file_location("kill_and_resume", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with tempfile.TemporaryDirectory() as folder:
        lasts = script.run(Path(folder))
        whole = script.outcome(Path(folder))
    killed, _ = script.trial([0.3 * lasts, 0.01, 0.4 * lasts])
    assert killed == whole


def test_a_finished_run_is_returned_as_it_ended_and_more_epochs_go_on(tmp_path):
    arguments = options(checkpoint=Checkpoint(tmp_path / "a.ckpt", every_epochs=3), early_stopping=None)
    net = network()
    whole = result(net, fit(net, X, T, **arguments))
    again = network()
    assert result(again, fit(again, X, T, **arguments, resume=True)) == whole
    more, longer = network(), network()
    fit(more, X, T, **(arguments | {"epochs": 11}), resume=True)
    fit(longer, X, T, **(arguments | {"epochs": 11, "checkpoint": None}))
    assert more.theta.tobytes() == longer.theta.tobytes()


def test_an_early_stopped_run_stays_stopped_with_its_best_weights(tmp_path):
    arguments = options(epochs=200, checkpoint=tmp_path / "a.ckpt", early_stopping=2)
    net, again = network(), network()
    whole = result(net, fit(net, X, T, **arguments))
    assert whole[3] == "early_stopped"
    assert result(again, fit(again, X, T, **arguments, resume=True)) == whole


def test_without_a_file_resume_starts_anew(tmp_path):
    net, plain = network(), network()
    first = result(net, fit(net, X, T, **options(), checkpoint=tmp_path / "a.ckpt", resume=True))
    assert first == result(plain, fit(plain, X, T, **options()))
    assert [p.name for p in tmp_path.iterdir()] == ["a.ckpt"]


def test_a_snapshot_in_memory_goes_on_even_with_other_data():
    whole, pieces = network(), network()
    arguments = options(early_stopping=None)
    fit(whole, X, T, **arguments)
    state = None
    for epochs in (3, 5, 8):
        history = fit(
            pieces, X, T, **(arguments | {"epochs": epochs}), resume=state or False, keep_state=True
        )
        state = history.state
    assert pieces.theta.tobytes() == whole.theta.tobytes()
    assert len(history) == 8
    more = fit(pieces, X[:20], T[:20], **(arguments | {"epochs": 9}), resume=state)
    assert len(more) == 9
    for optimizer in ("momentum", "sgd"):  # Adam's state is not theirs
        with pytest.raises(InputError, match="fit: resume has optimizer"):
            fit(pieces, X, T, **(arguments | {"epochs": 9, "optimizer": optimizer}), resume=state)


def test_writing_follows_epochs(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(checkpoint, "write", lambda path, snapshot: written.append(snapshot.facts["epoch"]))
    fit(network(), X, T, epochs=7, checkpoint=Checkpoint(tmp_path / "a", every_epochs=3))
    assert written == [3, 6, 7]


class Counter(Callback):
    def on_start(self, run):
        self.count = 0

    def on_epoch(self, run):
        self.count += 1

    def state(self):
        return {"count": self.count}

    def restore(self, state):
        self.count = state["count"]


def test_the_state_of_a_callback_survives(tmp_path):
    arguments = {"checkpoint": tmp_path / "a.ckpt", "resume": True}
    fit(network(), X, T, epochs=2, callbacks=[Counter()], **arguments)
    counter = Counter()
    fit(network(), X, T, epochs=5, callbacks=[counter], **arguments)
    assert counter.count == 5


@pytest.mark.parametrize("engines", [("numpy", "auto"), ("auto", "numpy")])
def test_another_engine_goes_on(tmp_path, engines):
    whole, half, resumed = network(), network(), network()
    expected = fit(whole, X, T, **options(engine="numpy", epochs=4, optimizer="momentum"))
    arguments = {"optimizer": "momentum", "checkpoint": tmp_path / "a.ckpt", "resume": True}
    fit(half, X, T, **options(engine=engines[0], epochs=2, **arguments))
    history = fit(resumed, X, T, **options(engine=engines[1], epochs=4, **arguments))
    np.testing.assert_allclose(resumed.theta, whole.theta, rtol=0, atol=1e-5)
    assert (history.columns, len(history)) == (expected.columns, 4)


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"batch_size": 5}, "batch_size = 4, expected batch_size = 5"),
        ({"optimizer": "sgd"}, "optimizer = Adam"),
        ({"seed": 9}, "order = "),
        ({"validation": 0.3}, "samples = int64"),
        ({"early_stopping": 3}, "callbacks = "),
        ({"clip_norm": 1.0}, "clip_norm = None, expected clip_norm = 1.0"),
        ({"x": X + 1}, "x = float32"),
        ({"t": 1 - T}, "t = int64"),
        ({"sample_weight": np.arange(50)}, "sample_weight = None"),
        ({"network": Network([Dense(2)], 3, "softmax_cross_entropy", seed=1)}, "layers = "),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_another_run_is_not_continued(tmp_path, change, words):
    arguments = {"network": network(), "x": X, "t": T} | options(checkpoint=tmp_path / "a.ckpt")
    fit(**(arguments | {"epochs": 1}))
    net = change.get("network") or network()
    before = net.theta.copy()
    with pytest.raises(InputError, match=f"^Checkpoint: file was written with .*{words}"):
        fit(**(arguments | {"network": net, "resume": True} | change))
    assert net.theta.tobytes() == before.tobytes()


def spoil_header(path, **changes):
    """Rewrite the checkpoint with some of its header's entries changed."""
    with safe_open(path, "numpy") as file:
        header = file.metadata() | changes
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(arrays, path, header)


def spoil_metadata(path):
    """Rewrite the checkpoint with null in place of its entries."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size]) | {"__metadata__": None}
    path.write_bytes(content[:8] + json.dumps(header).encode().ljust(size) + content[8 + size :])


def spoil_fact(path, **changes):
    with safe_open(path, "numpy") as file:
        facts = json.loads(file.metadata()["facts"])
    spoil_header(path, facts=json.dumps(facts | changes))


def spoil_arrays(path, change):
    with safe_open(path, "numpy") as file:
        header, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(arrays)
    save_file(arrays, path, header)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: p.write_bytes(p.read_bytes()[:-40]), "expected a readable checkpoint"),
        (lambda p: p.write_bytes(b""), "expected a readable checkpoint"),
        (lambda p: p.write_bytes(b"PK\3\4 something else"), "expected a readable checkpoint"),
        (lambda p: spoil_header(p, format="other"), "a.ckpt', expected a checkpoint of a fit"),
        (
            lambda p: spoil_header(p, format="deltaprop checkpoint 1"),
            "format 'deltaprop checkpoint 1', expected .* 'deltaprop checkpoint 2'; .* without resume",
        ),
        (spoil_metadata, r"a\.ckpt', expected a checkpoint of a fit"),
        (lambda p: spoil_header(p, facts="{"), "expected a readable checkpoint"),
        (lambda p: spoil_header(p, facts="{}"), "lacks epoch"),
        (lambda p: spoil_header(p, facts="[]"), r"a\.ckpt' \(its entry 'facts' is"),
        (lambda p: spoil_header(p, facts="null"), r"a\.ckpt' \(its entry 'facts' is"),
        (lambda p: spoil_header(p, facts="3"), r"a\.ckpt' \(its entry 'facts' is"),
        (lambda p: spoil_header(p, facts="[" * 100_000), "expected a readable checkpoint"),
        (lambda p: spoil_header(p, configuration="[]"), r"a\.ckpt' \(its entry 'configuration' is"),
        (lambda p: spoil_header(p, configuration="null"), r"a\.ckpt' \(its entry 'configuration' is"),
        (lambda p: spoil_header(p, configuration="3"), r"a\.ckpt' \(its entry 'configuration' is"),
        (lambda p: spoil_fact(p, columns=3), "has columns = 3"),
        (lambda p: spoil_fact(p, columns=[3]), "has the history columns 3"),
        (lambda p: spoil_fact(p, callbacks=[3]), "has the callbacks None"),
        (lambda p: spoil_fact(p, position=None), "has position = None"),
        (lambda p: spoil_fact(p, epoch="1"), "has epoch = '1'"),
        (lambda p: spoil_arrays(p, lambda a: a.pop("theta")), "lacks theta"),
        (lambda p: spoil_arrays(p, lambda a: a.update(theta=a["theta"][:3])), "has theta of shape"),
        (lambda p: spoil_arrays(p, lambda a: a.update(history=a["history"][:0])), "has history of shape"),
        (lambda p: spoil_arrays(p, lambda a: a.pop("optimizer.m")), "lacks optimizer.m"),
        (lambda p: spoil_fact(p, epoch=-1), "has epoch = -1"),
        (lambda p: spoil_fact(p, epoch=True), "has epoch = True"),
        (lambda p: spoil_fact(p, position=-4), "has position = -4"),
        (lambda p: spoil_fact(p, position=10**400), "has position = "),
        (lambda p: spoil_fact(p, step=-1), "has step = -1"),
        (lambda p: spoil_fact(p, step=10**30), "has step = 10"),
        (lambda p: spoil_fact(p, rate_scale=float("nan")), "has rate_scale = nan"),
        (lambda p: spoil_fact(p, rate_scale=-1.0), "has rate_scale = -1.0"),
        (lambda p: spoil_fact(p, seconds=float("inf")), "has seconds = inf"),
        (lambda p: spoil_fact(p, status="fine"), "has status = 'fine'"),
        (lambda p: spoil_fact(p, status="diverged"), "has status = 'diverged'"),
        (lambda p: spoil_fact(p, best_epoch=7), "has best_epoch = 7 after 1 epochs"),
        (lambda p: spoil_fact(p, best_epoch=1), "lacks best_theta"),
        (
            lambda p: spoil_arrays(p, lambda a: a["theta"].fill(np.nan)),
            "has theta with entries that are not finite",
        ),
        (lambda p: spoil_arrays(p, lambda a: a["good_theta"].fill(np.inf)), "has good_theta with entries"),
        (lambda p: spoil_arrays(p, lambda a: a["measured_theta"].fill(-np.inf)), "has measured_theta with"),
        (lambda p: spoil_arrays(p, lambda a: a["history"].fill(np.nan)), "has a history whose epochs"),
        (lambda p: spoil_arrays(p, lambda a: a["history"].fill(1e300)), "has a history whose epochs"),
    ],
)
def test_damaged_files_are_refused_before_anything_changes(tmp_path, spoil, words):
    path = tmp_path / "a.ckpt"
    fit(network(), X, T, epochs=1, checkpoint=path)
    spoil(path)
    net = network()
    with pytest.raises(InputError, match=words):
        fit(net, X, T, epochs=2, checkpoint=path, resume=True)
    assert net.theta.tobytes() == network().theta.tobytes()


@pytest.mark.parametrize(
    "state",
    [None, [], {}, {"best": 1.0}, {"best": "x", "waited": 0}, {"best": float("nan"), "waited": 0}]
    + [{"best": 1.0, "waited": waited} for waited in (-1, 2.5, "3", None, 10**400, True)],
    ids=str,
)
def test_a_callback_that_does_not_accept_its_state_leaves_the_network_as_it_was(tmp_path, state):
    path = tmp_path / "a.ckpt"
    arguments = {"checkpoint": path, "plateau": ReduceOnPlateau(monitor="train_loss")}
    fit(network(), X, T, epochs=1, **arguments)
    spoil_fact(path, callbacks=[["ReduceOnPlateau", state]])
    net = network()
    with pytest.raises(InputError):
        fit(net, X, T, epochs=2, resume=True, **arguments)
    assert net.theta.tobytes() == network().theta.tobytes()


def test_a_full_disk_is_said_and_the_earlier_checkpoint_is_intact(tmp_path, monkeypatch):
    path = tmp_path / "a.ckpt"
    fit(network(), X, T, epochs=1, checkpoint=path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    net = network()
    with pytest.raises(InputError, match="No space left on device"):
        fit(net, X, T, epochs=4, checkpoint=path, resume=True)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.ckpt"]
    assert np.isfinite(net.theta).all()


def test_leftovers_of_a_killed_writer_are_removed(tmp_path):
    path = tmp_path / "a.ckpt"
    (tmp_path / ".a.ckpt.07f13abc").write_bytes(b"half")
    fit(network(), X, T, epochs=1, checkpoint=path, resume=True)
    assert [p.name for p in tmp_path.iterdir()] == ["a.ckpt"]


def test_files_that_are_not_its_own_leftovers_stay(tmp_path):
    others = [
        ".a[1].ckpt.precious-backup",
        ".a[1].ckpt.07f13abc.bak",
        ".a1.ckpt.07f13abc",  # another checkpoint's, which a pattern would take for its own
        ".a[1].ckpt.07F13ABC",
        "a[1].ckpt.07f13abc",
    ]
    for name in others:
        (tmp_path / name).write_bytes(b"precious")
    (tmp_path / ".a[1].ckpt.07f13abc").write_bytes(b"half")
    fit(network(), X, T, epochs=1, checkpoint=tmp_path / "a[1].ckpt", resume=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, "a[1].ckpt"])


@pytest.mark.parametrize(
    "arguments",
    [{"path": ""}, {"path": "no/such/a"}, {"path": "."}, {"every_seconds": -1}, {"every_epochs": 0}],
)
def test_bad_checkpoints_are_refused(arguments):
    with pytest.raises(InputError, match=r"^Checkpoint: "):
        Checkpoint(**({"path": "a"} | arguments))


def test_the_header_is_json_and_files_are_written_whole(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(files, "write", lambda path, content: written.append(content))
    fit(network(), X, T, epochs=1, checkpoint=tmp_path / "a")
    (tmp_path / "b").write_bytes(written[0])
    with safe_open(tmp_path / "b", "numpy") as file:
        assert json.loads(file.metadata()["facts"])["epoch"] == 1


def test_fingerprints_tell_data_apart(monkeypatch):
    x = np.arange(4000.0).reshape(1000, 4)
    assert checkpoint.fingerprint(x) != checkpoint.fingerprint(x.reshape(500, 8))
    assert checkpoint.fingerprint(x) != checkpoint.fingerprint(x.astype("float32"))
    assert checkpoint.fingerprint(x) == checkpoint.fingerprint(np.asfortranarray(x))
    monkeypatch.setattr(checkpoint, "_READ", 1 << 10)  # 32 of the 1000 rows
    y = x.copy()
    y[0] += 1
    assert checkpoint.fingerprint(x) != checkpoint.fingerprint(y)
    assert checkpoint.fingerprint(x[:0]) == checkpoint.fingerprint(x[:0])


def test_only_what_processes_share_is_left_to_the_first(tmp_path, monkeypatch):
    fit(network(), X, T, epochs=1, checkpoint=tmp_path / "a")
    found = checkpoint.read(tmp_path / "a")
    run = SimpleNamespace(snapshot=lambda configuration: found)
    monkeypatch.setattr(distributed, "index", lambda: 1)
    monkeypatch.setattr(distributed, "gather", lambda value: [False, value])
    for processes in (1, 2):
        writer = checkpoint.CheckpointWriter(Checkpoint(tmp_path / f"{processes}"), {}, processes)
        writer.write(run)
        assert (writer.read() is None) == (processes == 2)
    assert {path.name for path in tmp_path.iterdir()} == {"a", "1"}
    missing = Checkpoint(tmp_path / "no" / "a")
    checkpoint.CheckpointWriter(missing, {}, 2)
    with pytest.raises(InputError, match=r"^Checkpoint: path is .*existing folder"):
        checkpoint.CheckpointWriter(missing, {}, 1)
