"""What the first lines of the README promise: the defaults make good networks."""

import numpy as np
import pytest

from deltaprop.commands.prepare import absolute, prepare
from deltaprop.commands.settings import Settings
from deltaprop.training import fit


def score_of(data: str, most_epochs: int = 1000) -> float:
    """Accuracy on the test part after training as ``deltaprop train DATA`` does."""
    prepared = prepare(absolute(Settings(data=data)))
    settings = prepared.settings
    assert settings.epochs <= most_epochs
    fit(
        prepared.network,
        prepared.parts["train"].x,
        prepared.parts["train"].t,
        optimizer=prepared.optimizer,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        engine=settings.engine,
        threads=settings.threads,
    )
    return prepared.network.score(prepared.parts["test"].x, prepared.parts["test"].t)


@pytest.mark.parametrize(
    ("data", "least"), [("digits", 0.97), ("rings", 0.99), ("iris", 0.9), ("moons", 0.98)]
)
def test_the_defaults_are_good(data, least):
    assert score_of(data) >= least


@pytest.mark.mnist
def test_mnist_within_eight_epochs():
    assert score_of("mnist", most_epochs=8) >= 0.978


def test_scores_are_of_samples_that_training_did_not_see():
    prepared = prepare(Settings(data="digits", seed=0))
    rows = [set(map(bytes, np.ascontiguousarray(prepared.parts[p].data.x))) for p in ("train", "test")]
    assert len(rows[0] & rows[1]) <= 2  # no sample, but for twins in the data themselves
