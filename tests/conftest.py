"""Settings of every test: fixed examples, one BLAS thread a process, where the MNIST files and the browser are."""

import gc
import os
import re
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before NumPy is imported: the test processes already fill the cores

# JAX's programs are compiled once and run a few times: the quickest compiler, not the quickest program.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "true")
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
)

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell has background jobs ignore

BESIDE = Path(__file__).parents[2] / "shared" / "data"
if "DELTAPROP_DATA" not in os.environ and BESIDE.is_dir():
    os.environ["DELTAPROP_DATA"] = str(BESIDE)
MNIST = Path(os.environ.get("DELTAPROP_DATA", "."), "mnist", "train-images-idx3-ubyte.gz")
HAS_MNIST = MNIST.is_file() or MNIST.with_suffix("").is_file()

HAS_JAX = find_spec("jax") is not None
HAS_TORCH = find_spec("torch") is not None
HAS_CORE = find_spec("deltaprop.engines._core") is not None
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
collect_ignore = [] if BROWSER else ["playground/browser"]
collect_ignore_glob = [] if HAS_CORE else ["engines/test_native*.py"]
collect_ignore_glob += [] if HAS_TORCH else ["interop/test_pytorch*.py"]

import hypothesis  # noqa: E402
import pytest  # noqa: E402

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("fixed")

os.fsync = lambda descriptor: None  # no test cuts the power: nothing waits for the disk


@pytest.fixture(scope="module")
def without_figures():
    """A stand-in for the page of a run: drawing takes most of a short run's time; tests/report looks at real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deltaprop.commands.report.render", lambda report: f"<title>{report.name}</title>")
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays: the garbage collector need not go through it, half a million objects, each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def needing_jax():
    """The tests of the JAX engine, and the files that import JAX, or a module of the tests that does."""
    folder = Path(__file__).parent
    texts = {path: path.read_text() for path in folder.rglob("*.py")}
    names, found = {"jax", "deltaprop.engines.jax"}, set()
    while True:
        imports = re.compile(rf"^(?:from|import) (?:{'|'.join(map(re.escape, names))})\b", re.MULTILINE)
        before, found = found, {path for path, text in texts.items() if imports.search(text)}
        if found == before:
            return sorted(found.union((folder / "engines" / "jax").glob("*.py")))
        names |= {path.stem for path in found if not path.name.startswith("test_")}


def pytest_configure(config):
    """Without JAX, leave out what imports it; the header says so."""
    if not HAS_JAX:
        engine = Path(__file__).parents[1] / "src" / "deltaprop" / "engines" / "jax"
        config.option.ignore = [*(config.option.ignore or []), *map(str, [*needing_jax(), engine])]


def pytest_collection_modifyitems(config, items):
    """Leave the tests of the real MNIST files out where there are none; the header says so."""
    if HAS_MNIST:
        return
    out = [item for item in items if item.get_closest_marker("mnist")]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not item.get_closest_marker("mnist")]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Neighbours in one process, which then compiles each JAX program once; one that is done takes from the others."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_report_header():
    """Say what was found: MNIST, JAX, PyTorch, the compiled core, a browser."""
    return [
        "JAX: found"
        if HAS_JAX
        else f"JAX: not found (pip install -e '.[jax]'); {len(needing_jax())} files of tests that train by it, or "
        "compare with it, are NOT run, nor are single tests of others, nor the examples of deltaprop.engines.jax",
        f"MNIST: {MNIST.parent}"
        if HAS_MNIST
        else "MNIST: not found (set DELTAPROP_DATA to the folder that holds mnist/); its tests are NOT run",
        "PyTorch: found"
        if HAS_TORCH
        else "PyTorch: not found (pip install -e '.[interop]'); tests/interop/test_pytorch*.py are NOT run",
        "compiled core: found"
        if HAS_CORE
        else "compiled core: not found (it needs a C++ compiler); tests/engines/test_native*.py are NOT run",
        f"browser: {BROWSER}"
        if BROWSER
        else "browser: not found (install Chromium or Chrome); tests/playground/browser is NOT run",
    ]
