"""The experiments find what theory says, and draw it."""

import numpy as np
import pytest

from deltaprop.curvature import Hessian
from deltaprop.experiments import compare_hessians, compare_solvers, second_order, spectra, trade_off
from deltaprop.experiments.problems import small_digits, surface, tanh_network
from deltaprop.experiments.training_time import Trajectory
from deltaprop.optimizers import Adam
from deltaprop.solvers import LevenbergMarquardt


def test_the_surface_is_the_function():
    x, t = surface(50)
    assert (x.shape, t.shape) == ((50, 2), (50, 1))
    np.testing.assert_allclose(t[7, 0], np.sin(3 * x[7, 0]) * np.cos(2 * x[7, 1]) + x[7].prod())


def test_small_digits_are_means_of_four_pixels():
    from sklearn.datasets import load_digits

    x, labels = small_digits(100)
    images, wanted = load_digits().images[:100], load_digits().target[:100]
    pixel = images[:, 2:4, 4:6].mean(axis=(1, 2))
    np.testing.assert_array_equal(labels, wanted)
    np.testing.assert_allclose(x[:, 4 + 2], (pixel - pixel.mean()) / (pixel.std() + 0.1))


def test_methods_for_the_hessian():
    result = compare_hessians(width=4, samples=50, iterations=60)
    errors = dict(zip(result.methods, result.errors, strict=True))
    assert errors["exact product with a vector"].max() < 1e-13
    assert errors["finite differences, the matrix"].max() < 1e-6
    before, after = errors["squared Jacobian, the matrix"]
    assert after < 0.1 * before  # the residuals have become small
    assert errors["backpropagation, the diagonal"][0] > 1e-3  # two hidden layers


def test_spectra_are_those_of_the_hessian():
    result = spectra(hidden=2, width=4, samples=60, epochs=10, networks=2)
    x, labels = small_digits(60)
    net = tanh_network((16, 4, 4, 10))
    hessian = Hessian(net, x, np.eye(10)[labels])
    assert result.before.size == net.theta.size
    np.testing.assert_allclose(result.before.sum(), np.trace(hessian.dense()))
    assert (np.diff(result.after) <= 0).all()
    np.testing.assert_allclose(result.mean[0, 2], _mean_of_the_last_block(x))
    assert (result.largest >= result.mean).all()


def _mean_of_the_last_block(x):
    """Linear outputs under ½ ‖z − t‖²: the Hessian of the weights is ⟨a aᵀ⟩ for each output, that of the biases 1."""
    means = []
    for seed in range(2):
        net = tanh_network((16, 4, 4, 10), seed=seed)
        a = x
        for layer in net.layers[:-1]:
            a = np.tanh(a @ layer.w.T + layer.b) if hasattr(layer, "w") else a
        means.append((np.square(a).mean(axis=0).sum() + 1) / 5)
    return np.mean(means)


def test_the_time_to_an_error():
    run = Trajectory(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.1, 0.2]))
    assert (run.time_to(0.5), run.time_to(0.3), run.time_to(0.01)) == (1.0, 2.0, np.inf)


def test_solvers_are_compared_until_the_error():
    rules = {"a": LevenbergMarquardt(), "b": Adam(0.01)}
    result = compare_solvers(rules, sizes=(2, 5, 5, 1), samples=100, error=1e-3, seconds=20)
    assert set(result.trajectories) == set(rules)
    for run in result.trajectories.values():
        assert run.errors[-1] <= 1e-3
        assert (run.errors[:-1] > 1e-3).all()
        assert (np.diff(run.seconds) > 0).all()


def test_a_trade_off_has_a_time_for_each_size():
    result = trade_off((2, 4), 60, (1e-1, 1e-9), seconds=0.05, seeds=2)
    assert list(result.parameters) == [15, 37]
    for times in result.times.values():
        assert times.shape == (2, 2)
        assert (times[:, 0] <= times[:, 1]).all()
    assert "37" in str(result)


@pytest.mark.parametrize(
    ("name", "pictures"), [("hessian", 1), ("spectrum", 2), ("solvers", 2), ("trade-off", 2)]
)
def test_the_command_prints_and_draws(name, pictures, tmp_path, capsys):
    second_order.main(["--quick", "--only", name, "--out", str(tmp_path / "new" / "folder")])
    assert capsys.readouterr().out.startswith(name)
    files = list((tmp_path / "new" / "folder").glob("*.png"))
    assert len(files) == pictures
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as ended:
        second_order.main(["--quick", "--out", str(tmp_path / "file")])
    out, said = capsys.readouterr()
    assert (ended.value.code, out, said.count("\n")) == (2, "", 1)
    assert "--out is not a folder" in said
