"""Good defaults, all in one place: named recipes, the estimators' recommended arguments, the command line's options."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np

from .data.encoding import ROBUST
from .functions.schedules import OneCycle
from .layers import Dense
from .network import Network
from .optimizers import Adam
from .solvers import SOLVERS, Solver

#: The options of ``deltaprop train`` that make a plain network of ReLU layers: every detail of `for_table` is off.
PLAIN: dict[str, Any] = {
    "scaling": "standard",
    "categories": "one_hot",
    "periodic_embedding": False,
    "input_factors": False,
    "activation": "relu",
    "parametric_activation": False,
    "normalization": "none",
    "init": "auto",
    "dropout_schedule": "constant",
    "l1": 0.0,
    "output_activation": "identity",
    "target_values": "0,1",
    "label_smoothing": 0.0,
    "clamp_outputs": False,
    "calibrate": False,
    "optimizer": "adam",
    "beta2": 0.999,
    "rate_factors": {},
    "decay_factors": {},
    "adapt_rate": "none",
    "batch_growth": 1.0,
    "batch_growth_every": 1,
    "sampler": "shuffled",
    "momentum_plateau": 0,
    "weight_decay": 0.0,
    "weight_decay_schedule": "constant",
    "patience": 0,
    "monitor": "validation_loss",
    "best_epoch": "first",
}


@dataclass(frozen=True)
class Recipe:
    """A classifier of ReLU layers, trained by Adam on a one-cycle schedule.

    Source of the schedule: Smith, *A disciplined approach to neural network hyper-parameters* (2018), §4.
    """

    layers: tuple[int, ...]  #: Units of the hidden layers.
    peak: float  #: The largest learning rate.
    epochs: int
    batch_size: int

    @property
    def options(self) -> dict[str, Any]:
        """The options of ``deltaprop train`` that this recipe stands for."""
        return PLAIN | {
            "layers": self.layers,
            "dropout": 0.0,
            "l2": 0.0,
            "loss": "softmax_cross_entropy",
            "schedule": "one_cycle",
            "learning_rate": self.peak,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
        }

    def fit(self, x: Any, t: Any, classes: int | None = None, seed: int = 0, **options: Any) -> Network:
        """A trained network.

        Parameters
        ----------
        x : array of shape (n, inputs)
            Standardized inputs.
        t : array of shape (n,)
            Class labels 0, 1, …
        classes : int, optional
            Number of classes; by default the largest label plus one.
        seed : int
        **options
            For `deltaprop.fit`, such as ``validation``.

        Examples
        --------
        >>> from deltaprop.data import Preprocessing, load
        >>> digits = load("digits")
        >>> learned = Preprocessing.learn(digits)
        >>> x, t = learned.transform(digits.x), learned.encode_target(digits.t)
        >>> MNIST_98.fit(x, t).score(x, t) > 0.95
        True
        """
        hidden = [layer for units in self.layers for layer in (Dense(units), "relu")]
        outputs = int(max(t)) + 1 if classes is None else classes
        net = Network([*hidden, Dense(outputs)], x.shape[1], "softmax_cross_entropy", seed=seed)
        rate = OneCycle(self.peak, self.epochs * ceil(len(t) / self.batch_size))
        options = {"epochs": self.epochs, "batch_size": self.batch_size, "seed": seed} | options
        net.fit(x, t, optimizer=Adam(rate), **options)
        return net


#: 98 % of MNIST's test images in the shortest time: three epochs of one wide hidden layer.
MNIST_98 = Recipe(layers=(320,), peak=5e-3, epochs=3, batch_size=128)

RECIPES = {"mnist_98": MNIST_98}

#: The parameters of `PeriodicEmbedding`.
EMBEDDED = ("frequency", "phase", "u", "c")

#: What `MLPClassifier.recommended` and `MLPRegressor.recommended` share: the network called RealMLP, with half of its
#: epochs. docs/tables.md has the evidence. Source: Holzmüller, Grinsztajn, Steinwart, *Better by default* (2024).
_TABLES: dict[str, Any] = {
    "hidden_layer_sizes": (256, 256, 256),
    "preprocessing": "table",
    "periodic_embedding": True,
    "input_factors": True,
    "parametric_activation": True,
    "init": "data",
    "batch_size": "equal",
    "beta_2": 0.95,
    "learning_rate": "coslog4",
    "max_iter": "auto",
    # those of the neural tangent parametrization: weights ∝ 1/√fan_in; biases do not decay, factors of inputs strongly
    "rate_factors": {"w": "fan_in", "b": 0.1, "slope": 0.1, "factor": 6.0} | dict.fromkeys(EMBEDDED, 0.1),
    "decay_factors": {"w": "fan_in", "b": 0.0, "slope": 0.1, "factor": 6.0} | dict.fromkeys(EMBEDDED, 0.1),
    "alpha": 0.0,
    "weight_decay": 0.02,
    "weight_decay_schedule": "flat_cosine",
    "dropout": 0.15,
    "dropout_schedule": "flat_cosine",
    "early_stopping": True,
    "validation_fraction": 0.2,
    "n_iter_no_change": inf,
    "best_epoch": "last",
}
CLASSIFIER = _TABLES | {
    "activation": "selu",
    "learning_rate_init": 0.04,
    "label_smoothing": 0.1,
    "calibrate": True,
}
REGRESSOR = _TABLES | {
    "activation": "mish",
    "learning_rate_init": 0.2,
    "scale_targets": True,
    "clamp_outputs": True,
}

_OF_MINI_BATCHES = (
    *("batch_size", "learning_rate", "learning_rate_init", "beta_2", "rate_factors", "decay_factors"),
    *("weight_decay", "weight_decay_schedule", "dropout", "dropout_schedule"),
)

#: What has no use without an argument, or with another value of it: (argument, whether a value turns it off, those).
_OFF: list[tuple[str, Callable[[Any], bool], tuple[str, ...]]] = [
    ("dropout", lambda v: bool(np.all(np.asarray(v) == 0)), ("dropout_schedule",)),
    ("weight_decay", lambda v: v == 0, ("weight_decay_schedule",)),
    ("early_stopping", lambda v: not v, ("validation_fraction", "best_epoch", "calibrate")),
    ("loss", lambda v: v != "log_loss", ("label_smoothing", "calibrate")),
    ("loss", lambda v: v == "poisson", ("scale_targets",)),
    (
        "solver",
        lambda v: isinstance(v, Solver) or (isinstance(v, str) and v in SOLVERS),
        _OF_MINI_BATCHES,
    ),
    ("solver", lambda v: v == "lbfgs", ("n_iter_no_change",)),
    ("solver", lambda v: v not in ("adam", "adamw"), ("beta_2",)),
]


def recommended(defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an estimator: those given, and of the defaults whatever has a use beside them.

    >>> "dropout_schedule" in recommended(CLASSIFIER, {"dropout": 0.0})
    False
    """
    off = {
        name
        for argument, is_off, names in _OFF
        if argument in given and is_off(given[argument])
        for name in names
    }
    return {name: deepcopy(value) for name, value in defaults.items() if name not in off} | given


#: Samples that all epochs of `epochs` show together.
SHOWN = 1_280_000


def epochs(samples: int, members: int = 1) -> int:
    """The epochs of ``max_iter="auto"``: 128 for up to 10,000 training samples, then fewer; of ensembles half as many.

    >>> epochs(1000), epochs(20_000), epochs(100_000), epochs(1000, members=8)
    (128, 64, 32, 64)
    """
    alone = max(32, min(128, SHOWN // max(samples, 1)))
    return alone if members == 1 else alone // 2


def batch_size(samples: int, about: int = 256) -> int:
    """The size of batches of about that many samples, of which the last of an epoch is hardly smaller.

    >>> batch_size(2000), batch_size(300), batch_size(100)
    (250, 300, 100)
    """
    return ceil(samples / max(1, round(samples / about)))


FEW, MANY = 2_000, 20_000  # training samples
WIDE = 50  # inputs from which on the first layers are wider


def for_solver(name: str, task: str, samples: int) -> dict[str, Any]:
    """The options of ``deltaprop train`` for a full-batch solver.

    The network is small and smooth: second derivatives of a ReLU say little, and their matrix grows with the square of
    the number of weights. ``bayesian_lm`` needs no early stopping.

    Examples
    --------
    >>> for_solver("lm", "regression", samples=400)["layers"]
    (10,)
    """
    bayesian = name == "bayesian_lm"
    return PLAIN | {
        "layers": (10,) if samples < FEW else (20,) if samples < MANY else (20, 20),
        "activation": "tanh",
        "dropout": 0.0,
        "l2": float(f"{1 / samples:.0e}"),
        "loss": "softmax_cross_entropy" if task == "classification" else "squared_error",
        "epochs": 300,
        "patience": 0 if bayesian else 20,
    }


def for_image(samples: int, inputs: int) -> dict[str, Any]:
    """The options of ``deltaprop train`` for images, or points in the plane, with that many training samples.

    The fewer the samples, the more often each is seen and the stronger the regularization: dropout, and a penalty
    l2 ∝ 1/samples, the weight of a prior against so much evidence. The rate falls to zero along half a cosine wave, so
    that the last weights are good ones.

    Examples
    --------
    >>> for_image(samples=100, inputs=2)["layers"]
    (128, 64)
    """
    few, many, wide = samples < FEW, samples >= MANY, inputs >= WIDE
    return PLAIN | {
        "layers": (256, 128) if many or wide else (128, 64),
        "dropout": 0.4 if few and wide else 0.3 if few else 0.2,
        "l2": 0.0 if many or wide else float(f"{0.2 / samples:.0e}"),
        "loss": "softmax_cross_entropy",
        "learning_rate": 3e-3 if few else 2e-3,
        "schedule": "cosine",
        "epochs": 8 if many else min(max(100_000 // samples, 20), 150),
        "batch_size": 128 if many else 32,
    }


#: Options of ``deltaprop train`` by the names of the same arguments of the estimators, where these differ.
_OPTIONS = {
    "hidden_layer_sizes": "layers",
    "learning_rate": "schedule",
    "learning_rate_init": "learning_rate",
    "max_iter": "epochs",
    "beta_2": "beta2",
    "alpha": "l2",
}
#: Arguments for which the command line has something else: see the last lines of `for_table`.
_OF_ESTIMATORS = {
    "preprocessing",
    "scale_targets",
    "early_stopping",
    "validation_fraction",
    "n_iter_no_change",
}


def for_table(task: str, samples: int) -> dict[str, Any]:
    """The options of ``deltaprop train`` for a table: the network of the estimators' ``recommended()``.

    Parameters
    ----------
    task : {"classification", "regression"}
    samples : int
        For training.

    Examples
    --------
    >>> for_table("regression", samples=100)["activation"]
    'mish'
    """
    classes = task == "classification"
    arguments = CLASSIFIER if classes else REGRESSOR
    options = {_OPTIONS.get(name, name): v for name, v in arguments.items() if name not in _OF_ESTIMATORS}
    if options["epochs"] == "auto":
        options["epochs"] = epochs(samples)
    if options["batch_size"] == "equal":
        options["batch_size"] = batch_size(samples)
    return (
        PLAIN
        | {
            "loss": "softmax_cross_entropy" if classes else "squared_error",
            "scaling": ROBUST.scaling,
            "categories": ROBUST.categories,
            "patience": options["epochs"],  # to the end, and then back to the best epoch
            "monitor": "validation_score",
        }
        | options
    )
