"""Networks of every kind of layer, as the oracle describes them and as the package builds them."""

import oracle

from deltaprop import (
    RBF,
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    GroupedDense,
    LayerNorm,
    LearnedScale,
    Network,
    ParametricActivation,
    PeriodicEmbedding,
    Repeat,
    Residual,
    Scale,
)
from deltaprop.functions.penalties import Penalty
from deltaprop.layers import Softmax

INPUTS = 3
SEED = 11
PENALTY = {"l1": 0.01, "l2": 0.02}
LOSSES = list(oracle.LOSSES)

KINDS = {  # function, width -> layers, as the oracle describes them
    "dense alone": lambda f, d: (("dense", d),),
    "dense": lambda f, d: (("dense", d), ("activation", f), ("dense", d)),
    "activation": lambda f, d: (("dense", d), ("activation", f)),
    "softmax": lambda f, d: (("dense", d), ("activation", f), ("softmax",), ("dense", d)),
    "softmax as output": lambda f, d: (("dense", d), ("activation", f), ("dense", d), ("softmax",)),
    "dropout": lambda f, d: (
        ("dropout", 0.25),
        ("dense", d),
        ("activation", f),
        ("dropout", 0.4),
        ("dense", d),
    ),
    "batch norm": lambda f, d: (("dense", d), ("batch_norm",), ("activation", f), ("dense", d)),
    "layer norm": lambda f, d: (("dense", d), ("layer_norm",), ("activation", f), ("dense", d)),
    "residual": lambda f, d: (("dense", d), ("residual", (("dense", d), ("activation", f))), ("dense", d)),
    "nested residual": lambda f, d: (
        (
            "residual",
            (("dense", d), ("activation", f), ("residual", (("dense", d), ("activation", f))), ("dense", 3)),
        ),
        ("dense", d),
    ),
    "rbf": lambda f, d: (("dense", d), ("activation", f), ("rbf", d), ("dense", d)),
    "grouped dense": lambda f, d: (
        ("repeat", 3),
        ("grouped_dense", d, 3),
        ("activation", f),
        ("grouped_dense", d, 3),
        ("dense", d),
    ),
    "shared weights": lambda f, d: (
        ("repeat", 2),
        ("grouped_dense", d, 2, True),
        ("activation", f),
        ("grouped_dense", d, 2, True),
        ("dense", d),
    ),
    "learned scale": lambda f, d: (
        ("learned_scale",),
        ("dense", d),
        ("activation", f),
        ("learned_scale",),
        ("dense", d),
    ),
    "periodic embedding": lambda f, d: (
        ("periodic", 2, 3, 2),
        ("dense", d),
        ("activation", f),
        ("periodic", 1, 4, 1),
        ("dense", d),
    ),
    "embedding": lambda f, d: (("embedding", (1, 2), d), ("dense", d), ("activation", f), ("dense", d)),
    "parametric activation": lambda f, d: (("dense", d), ("parametric", f), ("dense", d)),
    "scale": lambda f, d: (
        ("scale", 0.7, -0.2),
        ("dense", d),
        ("activation", f),
        ("scale", -1.5, 0.1),
        ("dense", d),
    ),
}
MODES = {
    "dropout": (True, False),
    "batch norm": (True, False),
}  # all others are the same in training and inference
PRODUCT = [("dense alone", "identity"), *((kind, f) for kind in list(KINDS)[1:] for f in oracle.ACTIVATIONS)]
CLASSES = {
    "dense": Dense,
    "activation": Activation,
    "softmax": Softmax,
    "dropout": Dropout,
    "batch_norm": BatchNorm,
    "layer_norm": LayerNorm,
    "rbf": RBF,
    "learned_scale": LearnedScale,
    "periodic": PeriodicEmbedding,
    "embedding": Embedding,
    "parametric": ParametricActivation,
    "scale": Scale,
    "repeat": Repeat,
    "grouped_dense": GroupedDense,
}


def ours(layers):
    """The package's layers for the oracle's description of them."""
    return [
        Residual(ours(arguments[0])) if kind == "residual" else CLASSES[kind](*arguments)
        for kind, *arguments in layers
    ]


def network(layers, **options):
    return Network(
        ours(layers), inputs=INPUTS, penalty=Penalty(**PENALTY), seed=SEED, dtype="float64", **options
    )


def fed(views, caches):
    """What each activation was fed, in layers inside others too."""
    for p, cache in zip(views, caches, strict=True):
        if isinstance(p.layer, (Activation, ParametricActivation)):
            yield cache.input
        yield from fed(p.inside, cache.inside)
