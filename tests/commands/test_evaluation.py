"""What a training has come to, from the parts that may tell it."""

from dataclasses import replace

from deltaprop.commands.evaluation import evaluate
from deltaprop.commands.fitting import fit_network
from deltaprop.commands.folder import RunFolder
from deltaprop.commands.prepare import prepare
from deltaprop.commands.settings import Settings


def evaluated(path, scale):
    """A run whose test part has other inputs."""
    prepared = prepare(Settings(data="iris", epochs=3, layers=(8,)))
    test = prepared.parts["test"]
    prepared = replace(prepared, parts={**prepared.parts, "test": replace(test, x=scale * test.x)})
    history = fit_network(prepared, progress=False)
    return evaluate(prepared, RunFolder(path), history)


def test_the_test_part_changes_nothing_but_its_own_scores(tmp_path):
    one, other = evaluated(tmp_path, 1.0), evaluated(tmp_path, -3.0)
    assert one.temperature == other.temperature != 1.0
    assert one.prepared.network.theta.tobytes() == other.prepared.network.theta.tobytes()
    assert one.history["validation_score"].tolist() == other.history["validation_score"].tolist()
    assert one.history.kept_epoch == other.history.kept_epoch
    assert {part: one.scores[part] == other.scores[part] for part in one.scores} == {
        "train": True,
        "validation": True,
        "test": False,
    }
