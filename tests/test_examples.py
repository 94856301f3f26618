"""The examples do what they say."""

import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True)
def found(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])


def test_two_rings_are_told_apart(tmp_path):
    import two_rings

    net, history, _, (x, t) = two_rings.train(seed=0)
    assert net.score(x, t) > 0.99
    assert history["train_loss"][-1] < history["train_loss"][0]
    two_rings.draw(net, history, x, t, str(tmp_path / "rings.png"))
    assert (tmp_path / "rings.png").read_bytes().startswith(b"\x89PNG")


def test_xor_by_hand_and_learned():
    import xor

    net = xor.by_hand()
    np.testing.assert_array_equal(net.predict(xor.X).ravel(), xor.T)
    np.testing.assert_array_equal(net.trace(xor.X, xor.T).layers[0].a, [[0, 0], [1, 0], [1, 0], [2, 1]])
    assert [xor.learned(seed).score(xor.X, xor.T) for seed in range(3)] == [1, 1, 1]
