"""Memory-mapped samples stay in their file: the JAX engine reads the rows of each chunk of steps."""

import numpy as np

from deltaprop import Dense, Network
from deltaprop.engines.jax import JaxEngine


def test_a_mapped_file_is_not_held_on_the_devices(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(40, 3)).astype("float32"), rng.normal(size=(40, 1))
    np.save(tmp_path / "x.npy", x)
    held, begin = [], JaxEngine.__init__

    def trained(inputs):
        network = Network([Dense(4), "tanh", Dense(1)], inputs=3, seed=0)
        network.fit(inputs, t, batch_size=8, epochs=2, engine="jax")
        return network.theta

    def watched(engine, *arguments, **options):
        begin(engine, *arguments, **options)
        held.append(engine._samples is not None)

    monkeypatch.setattr(JaxEngine, "__init__", watched)
    np.testing.assert_array_equal(trained(np.load(tmp_path / "x.npy", mmap_mode="r")), trained(x))
    assert held == [False, True]
