"""The native engine in threads, in processes and after a fork; memory that does not grow with the data."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Network
from deltaprop.engines import Sums
from deltaprop.engines.native import NativeEngine
from deltaprop.engines.numpy import NumpyEngine
from deltaprop.functions.penalties import Penalty
from deltaprop.optimizers import Adam
from deltaprop.recipes import Recipe

X = np.random.default_rng(0).normal(size=(256, 20)).astype(np.float32)
T = np.random.default_rng(1).integers(0, 3, 256)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the memory's size from Linux's /proc")


def network(seed=0):
    return Network([Dense(64), "relu", Dense(40), "tanh", Dense(3)], 20, "softmax_cross_entropy", seed=seed)


def fitted(seed, threads=2, epochs=6):
    """The weights after some epochs, as bytes."""
    net = network(seed)
    engine = NativeEngine(net, X, T, None, Adam(), 64, threads=threads)
    sums = Sums(len(engine.layers))
    for epoch in range(epochs):
        engine.run(np.random.default_rng(epoch).permutation(256), 4 * epoch, 1.0, sums)
    return net.theta.tobytes()


def test_fits_in_python_threads_do_not_disturb_each_other():
    expected = [fitted(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(fitted, [0, 1, 2, 3] * 4)) == expected * 4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_that_divide_wide_layers_by_units(dtype):
    # The weights outweigh a batch of 24 and a last one of 8: each thread computes its own units of all rows.
    x = np.random.default_rng(0).normal(size=(80, 400)).astype(dtype)
    t = np.random.default_rng(1).integers(0, 3, 80)

    def train(kind, threads):
        layers = [Dense(500), "relu", Dense(410), "tanh", Dense(3)]
        net = Network(layers, 400, "softmax_cross_entropy", seed=0, dtype=dtype)
        engine = kind(net, x, t, None, Adam(), 24, threads=threads)
        sums = Sums(len(engine.layers))
        for epoch in range(3):
            engine.run(np.random.default_rng(epoch).permutation(80), 4 * epoch, 1.0, sums)
        return net.theta, sums.loss

    theta, loss = train(NativeEngine, 1)
    for threads in (2, 3):
        again, loss_again = train(NativeEngine, threads)
        assert again.tobytes() == theta.tobytes()
        assert loss_again == pytest.approx(loss)
    expected, loss_expected = train(NumpyEngine, 1)
    assert loss == pytest.approx(loss_expected, rel=1e-4 if dtype == "float32" else 1e-12)
    if dtype == "float64":  # Adam divides by gradients that are nearly zero: not in float32
        np.testing.assert_allclose(theta, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
@pytest.mark.parametrize("filled", [0.1, 1.0])
def test_results_do_not_depend_on_which_thread_takes_which_piece(filled, clip_norm):
    rng = np.random.default_rng(0)
    x = np.where(rng.random((600, 300)) < filled, rng.normal(size=(600, 300)), 0.5).astype("float32")
    t = rng.integers(0, 3, 600)
    results = set()
    for _ in range(8):
        layers = [Dense(200), BatchNorm(), "relu", Dense(64), "tanh", Dense(3)]
        net = Network(layers, 300, "softmax_cross_entropy", Penalty(1e-5, 1e-4), seed=0)
        # More threads than most processors have for a test: they run at different times in every fit.
        engine = NativeEngine(net, x, t, None, Adam(), 250, clip_norm=clip_norm, threads=5)
        sums = Sums(len(engine.layers))
        for epoch in range(4):
            engine.run(np.random.default_rng(epoch).permutation(600), 3 * epoch, 1.0, sums)
        results.add(net.theta.tobytes() + sums.vector.tobytes() + engine.outputs(x).tobytes())
    assert len(results) == 1


def test_one_network_predicts_in_several_threads_at_once():
    net = network()
    expected = net.predict(X).tobytes()
    with ThreadPoolExecutor(4) as threads:
        assert {y.tobytes() for y in threads.map(net.predict, [X] * 20)} == {expected}


def test_fits_in_the_processes_of_joblib():
    fit = Recipe(layers=(64, 40), peak=0.01, epochs=3, batch_size=64).fit
    options = {"engine": "native", "threads": 2}
    nets = joblib.Parallel(2)(joblib.delayed(fit)(X, T, seed=seed, **options) for seed in (0, 1))
    expected = [fit(X, T, seed=seed, **options).theta.tobytes() for seed in (0, 1)]
    assert [net.theta.tobytes() for net in nets] == expected


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # JAX, where an earlier test has loaded it
def test_a_forked_child_trains_on_with_threads_of_its_own():
    net = network()
    engine = NativeEngine(net, X, T, None, Adam(), 64, threads=2)
    engine.run(np.arange(256), 0, 1.0, Sums(3))  # the threads are there now

    def go_on(pipe):
        engine.run(np.arange(256), 4, 1.0, Sums(3))
        pipe.send_bytes(net.theta.tobytes())

    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=go_on, args=(theirs,))
    child.start()
    assert ours.poll(30)
    in_the_child = ours.recv_bytes()
    child.join()
    engine.run(np.arange(256), 4, 1.0, Sums(3))
    assert child.exitcode == 0
    assert in_the_child == net.theta.tobytes()


FORKED = """
import os, signal, threading, time
import numpy as np
from deltaprop import Dense, Network

x = np.random.default_rng(0).normal(size=(4096, 20)).astype(np.float32)
net = Network([Dense(64), "relu", Dense(40), "tanh", Dense(3)], 20, "softmax_cross_entropy", seed=0)
expected, stop = net.predict(x).tobytes(), threading.Event()

def predict_until_stopped():
    while not stop.is_set():
        net.predict(x)

busy = threading.Thread(target=predict_until_stopped)
busy.start()
statuses = []
for _ in range(10):
    time.sleep(0.002)
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # the default action kills a child that hangs
        os._exit(net.predict(x).tobytes() != expected)
    statuses.append(os.waitpid(child, 0)[1])
stop.set()
busy.join()
print(statuses)
"""


@needs_fork
def test_a_child_forked_during_a_prediction_predicts():
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, check=True
    )
    assert result.stdout == f"{[0] * 10}\n"


REFUSED = """
import resource, sys, warnings
import numpy as np
from deltaprop import Dense, Network
from deltaprop.engines import Sums
from deltaprop.engines.native import NativeEngine
from deltaprop.optimizers import Adam

def fitted(threads, megabytes=None):
    x = np.random.default_rng(0).normal(size=(256, 20)).astype(np.float32)
    t = np.random.default_rng(1).integers(0, 3, 256)
    net = Network([Dense(64), "relu", Dense(3)], 20, "softmax_cross_entropy", seed=0)
    engine = NativeEngine(net, x, t, None, Adam(), 64, threads=threads)
    if megabytes is not None:
        with open("/proc/self/status") as status:
            size = int(next(line for line in status if line.startswith("VmSize")).split()[1])
        resource.setrlimit(resource.RLIMIT_AS, (size * 1024 + megabytes * 2**20, resource.RLIM_INFINITY))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for epoch in range(3):
            engine.run(np.arange(256), 4 * epoch, 1.0, Sums(2))
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return net.theta.tobytes(), caught

theta, caught = fitted(16, int(sys.argv[1]))
(warning,) = caught
assert warning.category is RuntimeWarning
words = str(warning.message).split()
started = int(words[words.index("started") + 1])
assert 1 <= started < 16 and f"pass threads={started}," in str(warning.message), str(warning.message)
assert theta == fitted(started)[0]
print(started)
"""


@needs_linux
def test_where_the_system_refuses_threads_fewer_work_and_a_warning_says_so():
    started = []
    for megabytes in ("4", "24", "48"):  # less than one thread's stack, but room for Python's own arenas
        result = subprocess.run(
            [sys.executable, "-c", REFUSED, megabytes], capture_output=True, text=True, timeout=60
        )
        assert result.returncode == 0, result.stderr
        started.append(int(result.stdout))
    assert started[0] == 1
    assert started == sorted(started)


LIMITED = """
import resource, sys
import numpy as np
from deltaprop import Dense, Network
from deltaprop.engines import Sums
from deltaprop.engines.native import NativeEngine
from deltaprop.layers import Scale
from deltaprop.optimizers import Adam

x = np.load(sys.argv[1], mmap_mode="r")
net = Network([Scale(1 / 255), Dense(16), "relu", Dense(2)], x.shape[1], "softmax_cross_entropy")
engine = NativeEngine(net, x, np.arange(len(x)) % 2, None, Adam(), 128, threads=1)
order = np.random.default_rng(0).permutation(len(x))
sums = Sums(2)
engine.run(order[:128], 0, 1.0, sums)  # all memory there will be
with open("/proc/self/status") as status:
    before = int(next(line for line in status if line.startswith("RssAnon")).split()[1])
engine.run(order, 1, 1.0, sums)
with open("/proc/self/status") as status:
    after = int(next(line for line in status if line.startswith("RssAnon")).split()[1])
print(after - before)
"""


@needs_linux
def test_a_mapped_file_trains_without_memory_of_its_size(tmp_path):
    path = tmp_path / "x.npy"
    x = np.lib.format.open_memmap(path, "w+", np.uint8, (100_000, 400))  # 40 MB
    x[:, ::7] = np.arange(100_000, dtype=np.uint8)[:, None]
    x.flush()
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True
    )
    assert int(result.stdout) < 4_000  # kB of its own; the pages of the file are the system's to take back
