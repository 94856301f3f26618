"""The playground's programs for PyTorch: they compute and learn what the page does."""

import numpy as np
import pytest
import torch
from playground.programs import RUNS, by_hand, execute, initial_theta, run_of, training_part


def theta_of(model):
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])


@pytest.mark.parametrize("name", RUNS)
def test_the_program_for_pytorch_computes_and_learns_what_the_page_does(name):
    run = run_of(name)
    network, names = run.network, execute(run, "pytorch")
    x, t = names["samples"](names["TRAIN"])
    np.testing.assert_array_equal(x, training_part(run)[0])
    page = names["page"]()
    np.testing.assert_array_equal(theta_of(page), network.theta)
    np.testing.assert_allclose(names["predict"](page, x), network.predict(x), rtol=1e-4, atol=1e-5)
    value = names["loss"](page, torch.from_numpy(x), torch.from_numpy(t))
    assert value.item() == pytest.approx(network.value(x, t), rel=1e-4)

    np.testing.assert_array_equal(theta_of(names["initial"]()), initial_theta(run))
    trained = names["train"]()
    if name not in ("dropout", "weights by hand", "momentum"):  # whose differences the program says
        np.testing.assert_allclose(theta_of(trained), network.theta, atol=2e-3)


def test_the_program_runs_with_points_of_ones_own(capsys):
    names = execute(by_hand(run_of("three classes")), "pytorch")
    names["report"]("page,", names["page"]())
    assert "test part" in capsys.readouterr().out
