"""The exhibits of forward and backward pass hold, and a broken equation is found out."""

import numpy as np
import pytest

from deltaprop.experiments import Setting, experiment
from deltaprop.experiments.claims import BORNE_OUT, REFUTED
from deltaprop.experiments.equations import four_equations


@pytest.mark.parametrize(
    "name", ["activation-functions", "losses", "four-equations", "decomposition", "responsibility"]
)
def test_every_claim_is_borne_out(name):
    result = experiment(name).run(Setting(seeds=3))
    assert [verdict.outcome for verdict in result.verdicts] == [BORNE_OUT] * len(result.verdicts)
    assert result.figure().axes


def test_a_wrong_derivative_is_found_out(monkeypatch):
    monkeypatch.setattr("deltaprop.functions.Sigmoid.df", lambda self, z, a: a)
    verdicts = experiment("activation-functions").run().verdicts
    assert verdicts[1].claim == "f′ of sigmoid is the derivative of f"
    assert verdicts[1].outcome == REFUTED


def test_the_forward_equations_are_those_of_the_network():
    net, x, t = four_equations.network(0)
    np.testing.assert_allclose(four_equations.error(net, x, t), net.value(x, t), rtol=1e-14)
