"""A sample of the product of layers, activations, losses, optimizers and dtypes; tests/equality.py runs it whole."""

import random

from equality import LIMITS, combinations, compare, complaint


def test_a_sample_of_all_combinations_ends_alike_on_both_engines():
    product = combinations()
    assert len(product) == 17 * 13 * 9 * 8 * len(LIMITS)
    for combination in random.Random(1).sample(product, 300):
        assert not complaint(combination, compare(combination)), combination
