"""The exhibits of perceptron and ADALINE hold exactly."""

import numpy as np
import pytest

from deltaprop.estimators.single_layer import separable
from deltaprop.experiments import Setting, experiment
from deltaprop.experiments.ancestors.gates import CORNERS, GATES
from deltaprop.experiments.ancestors.xor_by_feature import with_product
from deltaprop.experiments.ancestors.xor_by_hidden_layer import by_hand
from deltaprop.experiments.claims import BORNE_OUT, REFUTED


@pytest.fixture(scope="module")
def outcomes():
    names = ("gates", "adaline", "largest-rate", "xor-by-feature", "xor-by-hidden-layer")
    return {name: [v.outcome for v in experiment(name).run().verdicts] for name in names}


@pytest.mark.parametrize("name", ["gates", "largest-rate", "xor-by-feature"])
def test_every_claim_is_borne_out(outcomes, name):
    assert set(outcomes[name]) == {BORNE_OUT}


def test_first_step_and_standardized_inputs_of_adaline(outcomes):
    assert outcomes["adaline"][:2] == [BORNE_OUT, BORNE_OUT]


def test_weights_set_by_hand_and_enough_hidden_units(outcomes):
    assert outcomes["xor-by-hidden-layer"][:4] == [BORNE_OUT] * 4


def test_the_wrong_weights_are_found_out(monkeypatch):
    def wrong():
        net = by_hand()
        net.layers[2].w = [[1, -1.5]]
        return net

    monkeypatch.setattr("deltaprop.experiments.ancestors.xor_by_hidden_layer.by_hand", wrong)
    verdicts = experiment("xor-by-hidden-layer").run(Setting(seeds=1)).verdicts
    assert [verdict.outcome for verdict in verdicts[:2]] == [REFUTED, BORNE_OUT]


def test_numbers_of_the_textbook():
    np.testing.assert_array_equal(CORNERS @ [1, 1] - 1.5, [-1.5, -0.5, -0.5, 0.5])
    np.testing.assert_array_equal(with_product(CORNERS) @ [1, 1, -2], GATES["XOR"])
    np.testing.assert_array_equal(by_hand().predict(CORNERS).ravel(), [0, 1, 1, 0])
    assert [separable(CORNERS, t == 1) for t in GATES.values()] == [True, True, False]
