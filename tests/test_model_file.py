import json
import os
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

import deltaprop.files
from deltaprop import (
    RBF,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    LearnedScale,
    Network,
    ParametricActivation,
    PeriodicEmbedding,
    Residual,
    Scale,
)
from deltaprop.errors import InputError
from deltaprop.functions.activations import ELU, LeakyReLU
from deltaprop.functions.initializers import HeNormal
from deltaprop.functions.losses import Huber
from deltaprop.functions.penalties import Penalty
from deltaprop.functions.schedules import FlatCosine
from deltaprop.layers import Layer
from deltaprop.model_file import read, write

X = np.random.default_rng(0).normal(size=(9, 3))


def everything(dtype="float32"):
    """A network with every kind of layer, and statistics that have moved."""
    inside = [Dense(4, init=HeNormal()), BatchNorm(momentum=0.2), Residual(["tanh", Dense(4, bias=False)])]
    inside += [LearnedScale("signs"), ParametricActivation(ELU(0.5))]
    inside += [PeriodicEmbedding(2, 3, 1), Embedding((1, 2), size=2), Dense(4)]
    layers = [
        Scale(0.5, -1),
        Dense(4),
        LeakyReLU(0.2),
        Residual(inside),
        LayerNorm(1e-3),
        Dropout(FlatCosine(0.3, 60)),
        RBF(5),
    ]
    net = Network([*layers, "softmax", Dense(2)], 3, Huber(2.0), Penalty(1e-4, 1e-3), seed=7, dtype=dtype)
    net.theta = np.random.default_rng(1).normal(size=net.theta.size)
    net.buffers[:] = np.random.default_rng(2).uniform(0.5, 2, net.buffers.size)
    return net


def same(one, two):
    """Whether two networks are equal to the last bit."""
    return (
        (one.config, one.inputs, one.loss, one.penalty, one.seed, one.dtype)
        == (two.config, two.inputs, two.loss, two.penalty, two.seed, two.dtype)
        and one.theta.tobytes() == two.theta.tobytes()
        and one.buffers.tobytes() == two.buffers.tobytes()
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    everything().save(path)
    return path


# -------------------------------------------------------------------------------------------------- round trip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_comes_back_to_the_last_bit(tmp_path, dtype):
    net = everything(dtype)
    net.save(tmp_path / "model.safetensors")
    again = Network.load(str(tmp_path / "model.safetensors"))
    assert same(net, again)
    np.testing.assert_array_equal(net.predict(X), again.predict(X))
    np.testing.assert_array_equal(
        net.forward(X, training=True, step=3), again.forward(X, training=True, step=3)
    )


def test_unusual_numbers_come_back_too(tmp_path):
    net = Network([Dense(2)], inputs=2)
    net.theta[:] = [1e38, -0.0, 0.0, 1e-45, -1e-38, 3]
    net.save(tmp_path / "m")
    assert Network.load(tmp_path / "m").theta.tobytes() == net.theta.tobytes()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_not_written(tmp_path, value):
    net = Network([Dense(2)], inputs=2)
    net.theta[3] = value
    with pytest.raises(InputError, match=r"^save: 0\.w has (nan|inf) at \[1, 1\]"):
        net.save(tmp_path / "m")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_not_read(saved, tmp_path, value):
    _, metadata, tensors = parts(saved)
    tensors["8.w"][1, 1] = value
    safetensors.numpy.save_file(tensors, tmp_path / "m", metadata)
    refused(tmp_path / "m", r"8\.w has (nan|inf) at \[1, 1\]")


def test_loading_draws_no_weights(saved, monkeypatch):
    reference = everything()
    monkeypatch.setattr(Dense, "initialize", None)
    assert same(Network.load(saved), reference)


def test_an_empty_network_comes_back(tmp_path):
    Network([], inputs=2, seed=2**80).save(tmp_path / "m")
    assert same(Network.load(tmp_path / "m"), Network([], inputs=2, seed=2**80))


def test_numpy_numbers_in_the_configuration(tmp_path):
    net = Network(
        [Dense(np.int64(2)), LeakyReLU(np.float32(0.25))], np.int32(3), penalty=Penalty(np.float64(0.1))
    )
    net.save(tmp_path / "m")
    assert same(net, Network.load(tmp_path / "m"))


def test_extra_json_is_kept(tmp_path):
    extra = {"mean": [0.1, 1e-300], "classes": ["Katze", "čáp"], "nested": {"a": None, "b": True}}
    write(tmp_path / "m", everything(), extra)
    net, again = read(tmp_path / "m")
    assert again == extra
    assert same(net, everything())
    everything().save(tmp_path / "m")
    assert read(tmp_path / "m")[1] == {}


def test_anyone_can_read_the_tensors(saved):
    tensors = safetensors.numpy.load_file(saved)
    net = everything()
    assert set(tensors) == {block.name for block in (*net.layout, *net.buffer_layout)}
    np.testing.assert_array_equal(tensors["1.w"], net.layers[1].w)
    np.testing.assert_array_equal(tensors["3.1.mean"], net.layers[3].inside[1].mean)


class Doubled(Layer):
    """A layer that is no dataclass: nothing says how to write it."""

    def forward(self, p, x, cache):
        return 2 * x

    def backward(self, p, cache, d_z, grad):
        return 2 * d_z


def test_a_layer_of_ones_own_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a configuration object"):
        Network([Doubled()], inputs=2).save(tmp_path / "m")
    assert not any(tmp_path.iterdir())


# --------------------------------------------------------------------------------------------- lies and damage


def parts(path):
    """Header (with its JSON texts read) and tensors."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    return json.loads(metadata["network"]), metadata, safetensors.numpy.load(data)


def refused(path, message):
    with pytest.raises(InputError, match=message) as caught:
        Network.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


DEEP: list = []
for _ in range(400):
    DEEP = [DEEP]

LIES = {
    "fewer units": (
        lambda a, t: a["layers"][8].update(units=3),
        r"array 8\.w is float32 \(2, 5\), expected float32 \(3, 5\)",
    ),
    "astronomically many units": (lambda a, t: a["layers"][8].update(units=10**400), r"array 8\.w is"),
    "astronomically many inputs": (lambda a, t: a.update(inputs=2**62), r"array 1\.w is"),
    "inputs of 400 digits": (lambda a, t: a.update(inputs=10**400), r"array 1\.w is"),
    "inputs of a megabyte": (lambda a, t: a.update(inputs="x" * 2**20), r"inputs is 'xx"),
    "a number of 400 digits": (
        lambda a, t: a["layers"][2].update(function={"type": "LeakyReLU", "alpha": 10**400}),
        r"alpha is",
    ),
    "a factor of 400 digits": (lambda a, t: a["layers"][0].update(factor=10**400), r"factor is"),
    "units of 1e200": (lambda a, t: a["layers"][8].update(units=1e200), r"units is 1e\+200"),
    "a penalty of 400 digits": (lambda a, t: a["penalty"].update(l2=-(10**400)), r"l2 is"),
    "a seed of 1e200": (lambda a, t: a.update(seed=1e200), r"seed is 1e\+200"),
    "nested brackets": (lambda a, t: a.update(layers=DEEP), r"value is \[\["),
    "nested brackets for a number": (lambda a, t: a.update(seed=DEEP), r"seed is \[\["),
    "more inputs": (
        lambda a, t: a.update(inputs=4),
        r"array 1\.w is float32 \(4, 3\), expected float32 \(4, 4\)",
    ),
    "no inputs": (lambda a, t: a.update(inputs=0), r"inputs is 0, expected an integer"),
    "another dtype": (lambda a, t: a.update(dtype="float64"), r"array \S+ is float32 .*, expected float64"),
    "unknown dtype": (lambda a, t: a.update(dtype="int8"), r"int8"),
    "unknown layer": (
        lambda a, t: a["layers"][0].update(type="Conv"),
        r"type is 'Conv', expected one of Absolute",
    ),
    "code as layer": (
        lambda a, t: a["layers"][0].update(type="os.system"),
        r"type is 'os\.system', expected one of",
    ),
    "loss as layer": (lambda a, t: a["layers"].insert(0, {"type": "Huber"}), r"Huber"),
    "layer as loss": (lambda a, t: a.update(loss={"type": "Dense", "units": 2}), r"Dense"),
    "unknown field": (
        lambda a, t: a["layers"][1].update(colour="red"),
        r"field is 'colour', expected one of units",
    ),
    "missing field": (lambda a, t: a["layers"][1].pop("units"), r"units is missing"),
    "a dtype that is a table": (lambda a, t: a.update(dtype={"a": 1}), r"dtype is \{'a': 1\}"),
    "wrong type": (lambda a, t: a["layers"][1].update(units="4"), r"units is '4', expected int"),
    "impossible rate": (
        lambda a, t: a["layers"][5].update(rate=2),
        r"rate is 2, expected a number in \[0, 1\)",
    ),
    "layers no list": (lambda a, t: a.update(layers="relu"), r"is incomplete"),
    "missing part": (lambda a, t: a.pop("seed"), r"is incomplete"),
    "negative seed": (lambda a, t: a.update(seed=-1), r"seed is -1"),
    "one layer more": (
        lambda a, t: a["layers"].append({"type": "Dense", "units": 2}),
        r"array 9\.b is missing",
    ),
    "one layer fewer": (lambda a, t: a["layers"].pop(), r"array 8\.b belongs to no layer"),
    "missing tensor": (lambda a, t: t.pop("1.b"), r"array 1\.b is missing"),
    "missing statistics": (lambda a, t: t.pop("3.1.mean"), r"array 3\.1\.mean is missing"),
    "extra tensor": (lambda a, t: t.update(z=np.zeros(3)), r"array z belongs to no layer"),
    "tensor of another shape": (
        lambda a, t: t.update({"1.b": t["1.b"][:-1]}),
        r"array 1\.b is float32 \(3,\), expected",
    ),
    "tensor of another dtype": (
        lambda a, t: t.update({"1.b": t["1.b"].astype(int)}),
        r"array 1\.b is int64 \(4,\), expected",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_file_that_contradicts_itself_is_refused(saved, tmp_path, lie):
    change, message = LIES[lie]
    architecture, metadata, tensors = parts(saved)
    change(architecture, tensors)
    path = tmp_path / "lying.safetensors"
    safetensors.numpy.save_file(tensors, path, metadata | {"network": json.dumps(architecture)})
    refused(path, message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "3",
        '"x"',
        "[" * 100_000,
        "[" * 2000 + "]" * 2000,
        "1" * 5000,
        "{}",
        '{"layers": 3}',
    ],
)
def test_an_architecture_that_is_none_is_refused(saved, tmp_path, text):
    _, metadata, tensors = parts(saved)
    path = tmp_path / "m"
    safetensors.numpy.save_file(tensors, path, metadata | {"network": text})
    refused(path, "the file is damaged")


@pytest.mark.parametrize("key", ["network", "extra", "format"])
def test_missing_entries_of_the_header_are_refused(saved, tmp_path, key):
    _, metadata, tensors = parts(saved)
    path = tmp_path / "m"
    safetensors.numpy.save_file(tensors, path, {k: v for k, v in metadata.items() if k != key})
    refused(path, r"; (it may be|the file is|use a file)")


def test_layers_nested_without_end_are_refused(saved, tmp_path):
    architecture, metadata, tensors = parts(saved)
    nested = {"type": "Scale"}
    for _ in range(300):
        nested = {"type": "Residual", "layers": [nested]}
    architecture["layers"] = [nested]
    path = tmp_path / "m"
    safetensors.numpy.save_file(tensors, path, metadata | {"network": json.dumps(architecture)})
    refused(path, "nested more than")


def test_truncated_anywhere_is_refused(saved, tmp_path):
    data, path = saved.read_bytes(), tmp_path / "m"
    for length in [*range(0, len(data) - 1, 37), len(data) - 1]:
        path.write_bytes(data[:length])
        refused(path, r"; (it may be|the file is|use a file)")


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", b"\x89PNG\r\n", b"a,b\n1,2\n", b"\x80\x04K\x01.", b"\xff" * 64]
)
def test_foreign_files_are_refused(tmp_path, content):
    (tmp_path / "m").write_bytes(content)
    refused(tmp_path / "m", "is not a complete safetensors file")


def test_tensors_of_another_program_are_refused(tmp_path):
    safetensors.numpy.save_file({"a": np.zeros(2)}, tmp_path / "m")
    refused(tmp_path / "m", "is not a deltaprop model, expected format deltaprop/1")


def test_no_file_at_all(tmp_path):
    refused(tmp_path / "missing", "could not be read")
    refused(tmp_path, "could not be read")


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
    st.booleans(),
)
def test_random_damage_is_refused_or_harmless(saved, changes, in_header):
    """Any bytes changed: one clear error, or a network that works; never another exception."""
    data = bytearray(saved.read_bytes())
    span = 8 + struct.unpack("<Q", data[:8])[0] if in_header else len(data)
    for where, value in changes:
        data[int(where * span)] = value
    path = saved.with_name("damaged.safetensors")
    path.write_bytes(data)
    error = None
    try:
        net = Network.load(path)
        assert net.copy().summary()
    except InputError as caught:
        error = str(caught)
    assert error is None or "\n" not in error


# ------------------------------------------------------------------------------------------------------- writing


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "extra", [[1], "text", {"a": {1, 2}}, {"a": 10**5000}, nested(10_000)], ids=lambda e: type(e).__name__
)
def test_extra_that_could_not_be_read_again_is_refused(tmp_path, extra):
    with pytest.raises(InputError, match=r"^save: extra (is a|cannot be written)"):
        Network([Dense(2)], inputs=2).save(tmp_path / "m", extra)
    assert not any(tmp_path.iterdir())


def test_a_seed_that_could_not_be_read_again_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^save: network cannot be written"):
        Network([Dense(2)], inputs=2, seed=10**5000).save(tmp_path / "m")


@pytest.mark.parametrize("path", [None, 3, "a\0b", "a\ud800", ["m"]], ids=repr)
def test_paths_that_are_none_are_refused(path):
    with pytest.raises(InputError, match="could not be written"):
        Network([Dense(2)], inputs=2).save(path)
    with pytest.raises(InputError, match=r"could not be read|is not a complete"):
        Network.load(path)


def test_nothing_half_written_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    everything().save(path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deltaprop.files.os, "fsync", full)
    message = r"model\.safetensors: could not be written \(No space left on device\); free some space"
    with pytest.raises(InputError, match=message):
        Network([], inputs=2).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.safetensors"]


@pytest.mark.parametrize("place", ["no such folder/m", "file/m", "."])
def test_places_that_cannot_be_written_are_refused(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="could not be written"):
        everything().save(tmp_path / place)
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_without_permission_is_refused(tmp_path, monkeypatch):
    """By a refusing system call: permissions do not bind every user who runs these tests."""

    def denied(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(deltaprop.files.os, "open", denied)
    with pytest.raises(InputError, match=r"could not be written \(Permission denied\)"):
        everything().save(tmp_path / "m")
    assert not any(tmp_path.iterdir())


def test_loading_never_runs_code(saved, tmp_path, monkeypatch):
    """Neither unpickling nor evaluation nor an import that a file names."""
    import builtins
    import importlib
    import pickle

    Network.load(saved)  # everything that loading itself imports is imported

    def forbidden(*arguments, **options):
        raise AssertionError("the file made the loader run something")

    for owner, name in ((builtins, "eval"), (builtins, "exec"), (pickle, "loads"), (pickle, "load")):
        monkeypatch.setattr(owner, name, forbidden)
    monkeypatch.setattr(importlib, "import_module", forbidden)
    assert same(Network.load(saved), everything())


def test_own_that_is_no_list_of_classes_is_refused(saved):
    with pytest.raises(InputError, match=r"^load: own is 3, expected a list of classes"):
        Network.load(saved, own=3)
