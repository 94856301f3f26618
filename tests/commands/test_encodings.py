"""``deltaprop train`` on a table: robust scaling and learned vectors of categories."""

import numpy as np
import pandas as pd

from deltaprop.cli import main
from deltaprop.commands.predict import read


def test_a_table_with_robust_scaling_and_embeddings(tmp_path, without_figures):
    rng = np.random.default_rng(0)
    n = 400
    frame = pd.DataFrame({"size": rng.normal(size=n), "shop": [f"shop {i % 15}" for i in range(n)]})
    frame["price"] = frame["size"] + 3.0 * (np.arange(n) % 15 % 2)
    path, run = tmp_path / "prices.csv", tmp_path / "run"
    frame.to_csv(path, index=False)
    options = ["--target", "price", "--layers", "32", "--epochs", "40"]
    assert main(["train", str(path), "--out", str(run), *options]) == 0
    network, preprocessing, settings, _ = read(run)
    assert (preprocessing.numbers, preprocessing.categories) == (1, (15,))
    names = [type(layer).__name__ for layer in network.config]
    assert names[:4] == ["PeriodicEmbedding", "Embedding", "LearnedScale", "Dense"]
    assert (settings.scaling, settings.categories) == ("robust", "embedding")
    y = preprocessing.decode_target(network.predict(preprocessing.transform(frame)))
    assert np.corrcoef(y, frame["price"])[0, 1] > 0.9
    frame.loc[0, "shop"] = "never seen"
    assert np.isfinite(network.predict(preprocessing.transform(frame))).all()
