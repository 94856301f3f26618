"""The playground's own data: the shapes they promise, and what stays when one setting changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_moons
from sklearn.neighbors import NearestNeighbors

from deltaprop.playground.complaints import Complaint
from deltaprop.playground.data import EXTENT, Points, draw
from deltaprop.playground.settings import CLASSIFICATION, MAX_SAMPLES, REGRESSION, Data

NAMES = CLASSIFICATION + REGRESSION
DATA = st.builds(
    Data,
    name=st.sampled_from(NAMES),
    classes=st.integers(2, 4),
    noise=st.floats(0, 1),
    samples=st.integers(8, 300),
    test_share=st.floats(0, 0.9),
    seed=st.integers(0, 2**32 - 1),
)


@settings(max_examples=60)
@given(DATA)
def test_points_are_on_the_plane_with_a_test_part_of_each_class(data):
    points = draw(data)
    assert points.x.shape == (data.samples, 2)
    assert np.abs(points.x).max() <= EXTENT
    assert (points.x.dtype, points.t.dtype, points.test.dtype) == (np.float64, np.float64, bool)
    groups = points.t if data.name in CLASSIFICATION else np.zeros(len(points))
    for group in np.unique(groups):
        of_group = points.test[groups == group]
        assert of_group.any() == (data.test_share > 0)
        assert not of_group.all()
        assert abs(of_group.sum() - data.test_share * len(of_group)) <= 1
    again = draw(data)
    np.testing.assert_array_equal(points.x, again.x)
    np.testing.assert_array_equal(points.test, again.test)


@pytest.mark.parametrize("name", NAMES)
def test_one_setting_changes_one_thing(name):
    data = Data(name=name, samples=200, noise=0.2, test_share=0.3, seed=4)
    points = draw(data)

    other = draw(data.model_copy(update={"test_share": 0.6}))
    np.testing.assert_array_equal(other.x, points.x)
    np.testing.assert_array_equal(other.t, points.t)
    assert (other.test >= points.test).all()  # a larger test part holds the smaller one

    clean, noisy = (draw(data.model_copy(update={"noise": noise})) for noise in (0.0, 0.1))
    np.testing.assert_array_equal(noisy.test, points.test)
    inside = (np.abs(points.x) < EXTENT).all(axis=1)
    if name in CLASSIFICATION:
        np.testing.assert_array_equal(noisy.t, points.t)
        np.testing.assert_allclose((points.x - clean.x)[inside], 2.0 * (noisy.x - clean.x)[inside])
    else:
        np.testing.assert_array_equal(noisy.x, points.x)
        np.testing.assert_allclose(points.t - clean.t, 2.0 * (noisy.t - clean.t))

    more = draw(data.model_copy(update={"samples": 300}))
    np.testing.assert_array_equal(more.x[:200], points.x)
    np.testing.assert_array_equal(more.t[:200], points.t)

    other = draw(data.model_copy(update={"seed": 5}))
    assert not np.isclose(other.x, points.x).all(axis=1).any()
    assert (other.test != points.test).any()


def test_noise_is_a_standard_deviation():
    data = Data(name="rings", samples=5000, noise=0.3)
    moved = draw(data).x - draw(data.model_copy(update={"noise": 0.0})).x
    np.testing.assert_allclose(moved.std(axis=0), 0.3, rtol=0.05)
    np.testing.assert_allclose(np.corrcoef(moved.T)[0, 1], 0.0, atol=0.05)
    data = Data(name="plane", samples=5000, noise=0.3)
    points = draw(data)
    np.testing.assert_allclose((points.t - points.x.sum(axis=1) / 12).std(), 0.3, rtol=0.05)


def test_spirals_without_noise_lie_on_their_arms():
    points = draw(Data(name="spirals", samples=1000))
    radius = np.hypot(*points.x.T)
    angle = 3.5 * np.pi * (radius - 0.4) / 4.6 + np.pi * points.t
    np.testing.assert_allclose(
        points.x, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), atol=1e-12
    )
    assert radius.min() < 0.7
    assert radius.max() > 4.9


def test_moons_are_those_of_scikit_learn():
    points = draw(Data(name="moons", samples=400))
    x, t = make_moons(4000)
    for k in (0, 1):
        curve = NearestNeighbors(n_neighbors=1).fit(10 / 3 * (x[t == k] - (0.5, 0.25)))
        distance, _ = curve.kneighbors(points.x[points.t == k])
        assert distance.max() < 0.01
    assert np.bincount(points.t.astype(int)).tolist() == [200, 200]


def test_the_class_of_other_shapes_follows_from_the_place():
    x, t = (points := draw(Data(name="xor"))).x, points.t
    np.testing.assert_array_equal(t, x[:, 0] * x[:, 1] > 0)
    x, t = (points := draw(Data(name="rings"))).x, points.t
    radius = np.hypot(*x.T)
    np.testing.assert_array_equal(t, radius > 3.0)
    assert ((radius < 2.5) | (radius > 3.5)).all()
    for classes in (2, 3, 4):
        points = draw(Data(name="blobs", classes=classes, samples=1200))
        means = np.array([points.x[points.t == k].mean(axis=0) for k in range(classes)])
        np.testing.assert_allclose(np.hypot(*means.T), 3.0, atol=0.15)
        assert np.linalg.norm(means[0] - means[-1]) > 3.0


def test_surfaces():
    points = draw(Data(name="plane"))
    np.testing.assert_allclose(points.t, (points.x[:, 0] + points.x[:, 1]) / 12)
    points = draw(Data(name="sine"))
    np.testing.assert_allclose(points.t, np.sin(points.x[:, 0]))
    points = draw(Data(name="gaussians", samples=5000))
    hill, hollow = (points.t[np.hypot(*(points.x - centre).T) < 0.3] for centre in ((0, -2.5), (4, -2.5)))
    assert hill.min() > 0.9
    assert hollow.max() < -0.9


def test_too_few_samples_of_a_class_are_trained_on():
    points = draw(Data(name="blobs", classes=4, samples=7))
    assert np.bincount(points.t.astype(int), points.test).tolist() == [1, 1, 1, 0]
    with pytest.raises(Complaint, match="too few samples for two parts"):
        draw(Data(name="blobs", classes=4, samples=4))
    assert not draw(Data(name="blobs", classes=4, samples=4, test_share=0)).test.any()


def test_points_are_edited_without_a_change_of_the_old_ones():
    points = draw(Data(samples=8))
    before = points.x.copy()
    more = points.add(1.0, 2.0, 1, test=True)
    assert (more.x[-1].tolist(), more.t[-1], more.test[-1]) == ([1.0, 2.0], 1.0, True)
    assert points.move(3, -1.0, 0.5).x[3].tolist() == [-1.0, 0.5]
    fewer = points.remove(0)
    np.testing.assert_array_equal(fewer.x, before[1:])
    np.testing.assert_array_equal(points.x, before)
    for change in (lambda: points.remove(8), lambda: points.move(-1, 0.0, 0.0)):
        with pytest.raises(Complaint, match="There is no sample"):
            change()
    full = Points(np.zeros((MAX_SAMPLES, 2)), np.zeros(MAX_SAMPLES), np.zeros(MAX_SAMPLES, bool))
    with pytest.raises(Complaint, match="5000"):
        full.add(0.0, 0.0, 0.0)
