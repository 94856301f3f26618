"""The confusion of classes, against scikit-learn's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from deltaprop.report.confusion import Confusion

CODES = st.integers(2, 5).flatmap(
    lambda k: st.tuples(
        st.just(k), st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=1, max_size=30)
    )
)


@settings(max_examples=30, deadline=None)
@given(CODES)
def test_counts_precision_and_recall_are_those_of_the_definition(drawn):
    k, pairs = drawn
    t, y = np.array(pairs).T
    confusion = Confusion.of(t, y, [f"class {i}" for i in range(k)])
    np.testing.assert_array_equal(confusion.counts, confusion_matrix(t, y, labels=range(k)))
    precision, recall, _, _ = precision_recall_fscore_support(t, y, labels=range(k), zero_division=np.nan)
    np.testing.assert_allclose(confusion.precision, precision)
    np.testing.assert_allclose(confusion.recall, recall)
    rows = confusion.shares.sum(axis=1)
    np.testing.assert_allclose(rows, np.isin(np.arange(k), t).astype(float))


def test_the_most_frequent_errors_come_first():
    confusion = Confusion.of([0, 0, 0, 1, 1, 2, 2], [1, 1, 0, 2, 1, 0, 0], ["a", "b", "c"])
    assert confusion.pairs() == [("a", "b", 2), ("c", "a", 2), ("b", "c", 1)]
