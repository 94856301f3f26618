import numpy as np
import pytest

from deltaprop import RBF, Dense, MLPClassifier, Network
from deltaprop.commands import defaults
from deltaprop.commands.settings import Settings
from deltaprop.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def net():
    net = Network([RBF(2)], inputs=2, dtype="float64")
    net.layers[0].centre = [[0, 0], [3, 4]]
    net.layers[0].log_width = np.log([1, 5])
    return net


def test_forward_by_hand(net):
    np.testing.assert_allclose(
        net.forward([[0, 0], [3, 4]]), [[1, np.exp(-0.5)], [np.exp(-12.5), 1]], rtol=1e-14
    )


def test_a_unit_is_local(net):
    """Far from its centre a unit neither answers nor learns nor hands anything down."""
    far = [[1e3, -1e3]]
    np.testing.assert_array_equal(net.forward(far), [[0, 0]])
    grad, d_x = net.vjp(far, [[1, 1]])
    assert not grad.any()
    assert not d_x.any()


def test_one_width_away_the_answer_is_the_root_of_1_over_e(net):
    np.testing.assert_allclose(net.forward([[0, 1], [3, 9]]).diagonal(), np.exp(-0.5), rtol=1e-14)


def test_a_sample_pulls_the_near_centre_only(net):
    grad = net.views(net.vjp([[0.5, 0]], [[1, 1]])[0])[0]
    assert abs(grad.centre[0, 0]) > 2 * np.abs(grad.centre[1]).max()
    assert grad.log_width[0] > 0  # a wider unit answers more


def test_initial_widths_suit_standardized_inputs():
    net = Network([RBF(50), Dense(1)], inputs=9)
    np.testing.assert_allclose(np.exp(net.layers[0].log_width), 3, rtol=1e-6)
    a = Network([RBF(50)], inputs=9).forward(np.random.default_rng(0).normal(size=(100, 9)))
    assert 0.2 < a.mean() < 0.6
    assert a.dtype == np.float32


@pytest.mark.parametrize("units", [0, 2.0])
def test_impossible_units_are_refused(units):
    with pytest.raises(InputError, match=r"^RBF: units is .*, expected an integer in \[1, inf\)"):
        RBF(units)


def clusters(n=400):
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [4, 0], [0, 4], [8, 8]], float)
    labels = rng.integers(0, 4, n)
    return centres, labels, centres[labels] + 0.1 * rng.normal(size=(n, 2))


def by_data(units, x, seed=0, dtype="float64"):
    net = Network([RBF(units, init="kmeans"), Dense(1)], inputs=x.shape[1], seed=seed, dtype=dtype)
    net.initialize_from_data(x)
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_k_means_finds_the_clusters_and_widths_follow_from_the_nearest_centres(dtype):
    centres, labels, x = clusters()
    p = by_data(4, x, dtype=dtype).layers[0]
    order = np.argmin(((p.centre[:, None] - centres) ** 2).sum(axis=2), axis=1)
    assert sorted(order) == [0, 1, 2, 3]
    for j, cluster in enumerate(order):
        np.testing.assert_allclose(p.centre[j], x[labels == cluster].mean(axis=0), rtol=1e-4, atol=1e-5)
        distances = np.sort(np.linalg.norm(p.centre[j] - p.centre, axis=1))
        assert np.exp(p.log_width[j]) == pytest.approx(
            np.sqrt((distances[1] ** 2 + distances[2] ** 2) / 2), rel=1e-4
        )


def test_the_same_seed_finds_the_same_centres():
    x = np.random.default_rng(1).normal(size=(300, 5))
    np.testing.assert_array_equal(by_data(9, x, 3).theta, by_data(9, x, 3).theta)
    assert np.abs(by_data(9, x, 3).theta - by_data(9, x, 4).theta).max() > 0.1


def test_one_centre_is_as_wide_as_the_inputs():
    x = np.random.default_rng(1).normal(2, 3, size=(300, 5))
    p = by_data(1, x).layers[0]
    np.testing.assert_allclose(p.centre[0], x.mean(axis=0))
    assert np.exp(2 * p.log_width[0]) == pytest.approx(x.var(axis=0).sum())


def test_units_beyond_the_different_inputs_stay_as_they_are():
    x = np.array([[0.0, 1.0], [2.0, 3.0]])[[0, 1, 1, 0, 1]]
    p, before = by_data(4, x).layers[0], Network([RBF(4), Dense(1)], inputs=2, dtype="float64").layers[0]
    assert sorted(p.centre[:2].tolist()) == [[0, 1], [2, 3]]
    np.testing.assert_array_equal(p.centre[2:], before.centre[2:])
    assert np.isfinite(by_data(3, np.ones((5, 2))).theta).all()


def test_the_start_is_part_of_the_configuration(tmp_path):
    assert repr(RBF(3)) == "RBF(units=3)"
    by_data(3, clusters()[2]).save(tmp_path / "a")
    assert Network.load(tmp_path / "a").config[0] == RBF(3, init="kmeans")
    with pytest.raises(InputError, match=r"^RBF: init is 'zeros', expected normal or kmeans"):
        RBF(3, init="zeros")


@pytest.mark.parametrize("init", ["sklearn", "auto", "data"])
def test_estimators_with_radial_units(init):
    centres, labels, x = clusters()
    options = {"learning_rate_init": 0.05, "max_iter": 60, "random_state": 0}
    still = {"centre": 0, "log_width": 0}
    model = MLPClassifier((4,), activation="rbf", init=init, rate_factors=still, **options).fit(x, labels)
    assert model.score(x, labels) > 0.99
    assert model.network_.config[0] == RBF(4, init="kmeans")
    found = model.network_.layers[0].centre
    assert np.linalg.norm(found[:, None] - centres, axis=2).min(axis=0).max() < 0.1
    assert len(model.coefs_) == 1
    assert np.abs(model.coefs_[0]).max() > 0


def test_radial_units_beside_others():
    _, labels, x = clusters()
    model = MLPClassifier((8, 6), activation=["tanh", "rbf"], dropout=0.1, max_iter=60, random_state=0).fit(
        x, labels
    )
    assert [type(layer).__name__ for layer in model.network_.config][:4] == [
        "Dense",
        "Activation",
        "Dropout",
        "RBF",
    ]
    for wrong in ({"normalization": "batch"}, {"n_ensemble": 2}, {"parametric_activation": True}):
        with pytest.raises(ValueError, match=f"^MLPClassifier: {next(iter(wrong))}=.* with activation='rbf'"):
            MLPClassifier(activation="rbf", **wrong).fit(x, labels)


def test_the_command_line_has_radial_units():
    def settings(**options):
        given = Settings(activation="rbf", **options)
        return defaults.complete(given, "classification", samples=100, inputs=4, table=True)

    net = defaults.network(settings(dropout=0.0), 4, 3, 100)
    assert net.config == (RBF(64, init="kmeans"), *net.config[1:])
    assert len(net.config) == 2
    with pytest.raises(InputError, match=r"^train: normalization is given with the activation rbf"):
        settings(normalization="batch")
