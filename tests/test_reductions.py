"""Sums of products, against exactly rounded ones."""

from math import fsum

import numpy as np
import pytest

from deltaprop.reductions import CHUNK, dot


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 10 * CHUNK + 77])
def test_dot(size, dtype):
    a, b = np.random.default_rng(size).normal(size=(2, size)).astype(dtype)
    products = a.astype(np.float64) * b.astype(np.float64)
    bound = 1e3 * np.finfo(dtype).eps * np.abs(products).max(initial=0) * max(size, 1) ** 0.5
    got = dot(a, b)
    assert type(got) is float
    assert got == pytest.approx(fsum(products), abs=bound)
