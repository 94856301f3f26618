"""MNIST's files, whole and broken, and the download that is never made here."""

import gzip
import hashlib
import struct
from types import SimpleNamespace

import numpy as np
import pytest

from deltaprop.data import Preprocessing, load, load_rows, split
from deltaprop.data.mnist import FILES, mnist, read_idx
from deltaprop.errors import InputError


def idx(array):
    """An IDX file's bytes (unsigned bytes, big-endian sizes)."""
    return b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write(folder, n=20, n_test=5, pack=gzip.compress, suffix=".gz"):
    rng = np.random.default_rng(0)
    arrays = {}
    for part, size in (("", n), ("_test", n_test)):
        arrays["x" + part] = rng.integers(0, 256, (size, 28, 28), dtype=np.uint8)
        arrays["t" + part] = (np.arange(size) % 10).astype(np.uint8)
    folder.mkdir(exist_ok=True)
    for name, array in arrays.items():
        (folder / (FILES[name] + suffix)).write_bytes(pack(idx(array)))
    return arrays


@pytest.fixture(autouse=True)
def no_download(monkeypatch):
    def fetch(*args, **kwargs):
        raise OSError("no network in tests")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)


@pytest.mark.mnist
def test_the_original_files():
    data = load("mnist")
    assert data.x.shape == (60000, 784)
    assert data.x.dtype == np.uint8
    assert data.x_test.shape == (10000, 784)
    assert np.bincount(data.t).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    header = struct.pack(">4I", 0x803, 60000, 28, 28)
    digest = hashlib.md5(header + data.x.tobytes(), usedforsecurity=False).hexdigest()
    assert digest == "6bbc9ace898e44ae57da46a324031adb"
    assert round(data.x.mean() / 255, 4) == 0.1307
    train, validation, test = split(data, validation=0.1)
    assert (len(train), len(validation), len(test)) == (54000, 6000, 10000)


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
@pytest.mark.parametrize("inside", ["", "mnist"])
def test_files_are_found_in_the_folder_or_in_mnist_below(tmp_path, monkeypatch, pack, inside):
    arrays = write(tmp_path / inside, pack=pack, suffix=".gz" if pack is gzip.compress else "")
    monkeypatch.setenv("DELTAPROP_DATA", "/nowhere")
    given = mnist(tmp_path)
    monkeypatch.setenv("DELTAPROP_DATA", str(tmp_path))
    for data in (given, load("mnist")):
        np.testing.assert_array_equal(data.x, arrays["x"].reshape(-1, 784))
        np.testing.assert_array_equal(data.t_test, arrays["t_test"])
        assert data.image_shape == (28, 28)
        assert len(data.feature_names) == 784
        z = Preprocessing.learn(data).transform(data.x)
        np.testing.assert_allclose(z, (data.x / 255.0 - 0.1307) / 0.3081, rtol=1e-6)


def test_subsets_and_rows(tmp_path):
    write(tmp_path, n=40)
    data = load("mnist", data_dir=tmp_path, samples=20)
    assert np.bincount(data.t).tolist() == [2] * 10
    assert len(data.test) == 5
    x, t = load_rows("mnist", data_dir=tmp_path)
    assert (x.shape, len(t)) == ((5, 784), 5)
    assert len(load_rows("mnist", data_dir=tmp_path, samples=3)[0]) == 3


def test_download_splits_the_rows_as_the_original(monkeypatch):
    x = np.zeros((70000, 784), np.uint8)
    x[59999], x[60000] = 1, 2
    source = SimpleNamespace(data=x, target=np.full(70000, "7"))
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda *a, **k: source)
    monkeypatch.delenv("DELTAPROP_DATA", raising=False)
    data = mnist()
    assert (len(data), len(data.test)) == (60000, 10000)
    assert (data.x[-1, 0], data.x_test[0, 0], data.t[0]) == (1, 2, 7)


def test_failed_download_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTAPROP_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"OpenML failed \(OSError: no network in tests\).*--data-dir"):
        mnist()


def test_given_folder_without_files(tmp_path):
    with pytest.raises(
        InputError, match=r"^mnist: data_dir is .* without MNIST files, expected train-images"
    ):
        mnist(tmp_path)


def test_missing_companion(tmp_path):
    write(tmp_path)
    (tmp_path / (FILES["t_test"] + ".gz")).unlink()
    with pytest.raises(InputError, match=r"has no t10k-labels-idx1-ubyte, expected all four files"):
        mnist(tmp_path)


GOOD = idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "starts with nothing, expected 00000801 or 00000803"),
        (b"\0\0\x0d\x03" + GOOD[4:], "starts with 00000d03"),
        (b"<html>not found", "starts with 3c68746d"),
        (GOOD[:10], r"ends within its header \(10 bytes\), expected at least 16"),
        (GOOD[:-1], r"has 39 bytes, expected 40 for shape \(2, 3, 4\)"),
        (GOOD + b"\0", "has 41 bytes, expected 40"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "has 16 bytes, expected 79228162"),
        (gzip.compress(GOOD, mtime=0)[:-9], "cannot be read"),
        (gzip.compress(GOOD, mtime=0)[:10] + b"garbage", "cannot be read"),
    ],
)
def test_broken_files(tmp_path, raw, message):
    path = tmp_path / "file"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=message):
        read_idx(path)


def test_whole_file_and_folder(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(GOOD)
    array = read_idx(path)
    assert array.shape == (2, 3, 4)
    assert array.ravel().tolist() == list(range(24))
    with pytest.raises(InputError, match=r"cannot be read"):
        read_idx(tmp_path)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("t", np.zeros(3, np.uint8), r"has shape \(20, 28, 28\) for 3 labels"),
        ("x", np.zeros((20, 27, 28), np.uint8), r"has shape \(20, 27, 28\)"),
        ("t", np.full(20, 10, np.uint8), "has labels up to 10, expected 0…9"),
    ],
)
def test_files_that_do_not_fit_together(tmp_path, name, array, message):
    write(tmp_path)
    (tmp_path / (FILES[name] + ".gz")).write_bytes(gzip.compress(idx(array)))
    with pytest.raises(InputError, match=message):
        mnist(tmp_path)
