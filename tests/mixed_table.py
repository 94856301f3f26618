"""A table with columns of every kind, and networks for it; for the tests of what a report computes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from deltaprop import Dense, Network
from deltaprop.data import Dataset, Encoding, Preprocessing
from deltaprop.data.columns import Column

COLUMNS = (
    Column("size", "number"),
    Column("color", "category"),
    Column("when", "date", "ISO8601"),
    Column("new", "boolean"),
    Column("width", "number"),
)
ENCODINGS = [
    pytest.param(Encoding("standard", clip=False, categories="one_hot"), id="one-hot"),
    pytest.param(Encoding("robust", clip=True, categories="embedding"), id="robust"),
    pytest.param(Encoding("decorrelate", clip=False, categories="one_hot"), id="decorrelated"),
]


def table(n: int = 80) -> pd.DataFrame:
    """Rows with missing entries in the columns of numbers, categories and dates."""
    rng = np.random.default_rng(5)
    days = pd.Timestamp("2021-03-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    x = pd.DataFrame(
        {
            "size": rng.normal(50, 10, n),
            "color": rng.choice(["red", "green", "blue"], n, p=[0.6, 0.3, 0.1]).astype(object),
            "when": days,
            "new": rng.integers(0, 2, n).astype(float),
            "width": rng.normal(size=n),
        }
    )
    x.loc[3::9, "size"] = np.nan
    x.loc[4::9, "color"] = None
    x.loc[5::9, "when"] = pd.NaT
    return x


def dataset(task: str) -> Dataset:
    rng, x = np.random.default_rng(6), table()
    t = rng.integers(0, 3, len(x)) if task == "classification" else rng.normal(100, 20, len(x))
    return Dataset("mixed", x, t, task, columns=COLUMNS)


def network(preprocessing: Preprocessing) -> Network:
    """A network as it is before training: it depends on every column."""
    loss = "softmax_cross_entropy" if preprocessing.task == "classification" else "squared_error"
    layers = [Dense(8), "tanh", Dense(preprocessing.outputs)]
    return Network(layers, inputs=preprocessing.width, loss=loss, seed=1)


@dataclass
class Pipeline(BaseEstimator):
    """Preprocessing and network as an estimator of scikit-learn, which takes the table itself."""

    preprocessing: Preprocessing
    network: Network

    def fit(self, x, t):
        raise NotImplementedError

    def __sklearn_is_fitted__(self):
        return True

    @property
    def classes_(self):
        return np.array(self.preprocessing.target.classes)

    def predict(self, x):
        z = self.network.forward(self.preprocessing.transform(x))
        y = self.network.loss.predict(z)
        if self.preprocessing.task == "classification":
            y = z.argmax(axis=1)
        return self.preprocessing.decode_target(y)

    def predict_proba(self, x):
        return self.network.predict(self.preprocessing.transform(x))


class ClassifierPipeline(ClassifierMixin, Pipeline):
    """The same for classes."""


class RegressorPipeline(RegressorMixin, Pipeline):
    """The same for values."""


def pipeline(data: Dataset, encoding: Encoding) -> Pipeline:
    preprocessing = Preprocessing.learn(data, encoding=encoding)
    made = ClassifierPipeline if data.task == "classification" else RegressorPipeline
    return made(preprocessing, network(preprocessing))
