"""Runs of every kind whose programs are compared with them."""

from functools import cache

from deltaprop.playground.code import program
from deltaprop.playground.data import Points
from deltaprop.playground.run import Run
from deltaprop.playground.settings import Data, Settings, TableUse
from deltaprop.playground.table import read

EPOCHS = 3


def layer(activation="tanh", **others):
    return {"units": 5, "activation": activation} | others


def case(data=None, layers=None, optimizer=None, **others):
    data = {"name": "blobs", "samples": 46, "noise": 0.1} | (data or {})
    layers = [layer()] if layers is None else layers
    return {"data": data, "layers": layers, "optimizer": optimizer or {}, "batch_size": 8, **others}


CASES = {
    "no hidden layer": case(layers=[]),
    "three classes": case({"classes": 3}),
    "regression": case({"name": "gaussians"}),
    "huber": case({"name": "plane"}, loss="huber"),
    "absolute error": case({"name": "sine", "test_share": 0}, loss="absolute_error"),
    "squared error of classes": case(loss="squared_error"),
    "squared error of three classes": case({"classes": 3}, loss="squared_error"),
    "hinge": case({"classes": 3}, loss="hinge"),
    "perceptron": case(loss="perceptron", optimizer={"learning_rate": 0.001}),
    "two outputs": case(loss="softmax_cross_entropy"),
    "three sigmoids": case({"classes": 3}, loss="sigmoid_cross_entropy"),
    "batch norm": case(
        layers=[layer(normalization="batch"), layer("relu", normalization="batch")], optimizer={"name": "sgd"}
    ),
    "layer norm": case(
        layers=[layer("gelu", normalization="layer"), layer("identity", normalization="layer")]
    ),
    "dropout": case(
        layers=[layer(dropout=0.3), layer("relu", dropout=0.5, normalization="batch")],
        optimizer={"name": "sgd"},
    ),
    "penalties": case(l1=0.01, l2=0.1, clip_norm=0.05),
    "in order": case(order="fixed", batch_size=1),
    "features": case(features=["x", "x^2", "sin(π·y)", "relu(x) + H(y) * (x > 1)", "sigmoid(x*y)"]),
    "orthogonal": case(initializer="orthogonal", layers=[layer("silu"), layer("mish")]),
    "zeros": case(initializer="zeros"),
    "normal": case(initializer="he_normal", layers=[layer("selu"), layer("elu"), layer("softplus")]),
    "steps": case(layers=[layer("scaled_tanh"), layer("step"), layer("leaky_relu"), layer("sigmoid")]),
    "sgd": case(optimizer={"name": "sgd", "schedule": "inverse_scaling"}),
    "momentum": case(optimizer={"name": "momentum", "schedule": "linear", "schedule_steps": 7}),
    "nesterov": case(optimizer={"name": "nesterov", "numbers": {"weight_decay": 0.1, "momentum": 0.5}}),
    "adagrad": case(optimizer={"name": "adagrad", "schedule": "warmup_cosine", "schedule_steps": 60}),
    "rmsprop": case(optimizer={"name": "rmsprop", "schedule": "step", "schedule_steps": 9}),
    "adam": case(optimizer={"name": "adam", "numbers": {"weight_decay": 0.2, "beta2": 0.9}}),
    "adamw": case(optimizer={"name": "adamw", "schedule": "one_cycle", "schedule_steps": 9}),
    "delta-bar-delta": case(optimizer={"name": "delta_bar_delta", "numbers": {"weight_decay": 0.01}}),
}


TABLE = "height,width,weight,kind\n" + "".join(
    f"{i % 7 - 3},{(3 * i) % 5 / 2},{i % 11},{'cat' if i % 3 else 'dog'}\n" for i in range(40)
)

RUNS = [*CASES, "weights by hand", "table"]


@cache
def run_of(name: str) -> Run:
    """The run of that name after some epochs; to be forked before it is changed."""
    if name == "table":
        use = Data(name="table", table=TableUse(target="kind"), test_share=0.2)
        run = Run.start(Settings(data=use, batch_size=4), table=read("animals.csv", TABLE))
    elif name == "weights by hand":
        run = Run.start(Settings.model_validate(CASES["dropout"]))
        run.set_weight(3, 0.7)
    else:
        run = Run.start(Settings.model_validate(CASES[name]))
    run.advance(EPOCHS * run.steps_per_epoch)
    return run


def initial_theta(run: Run):
    """The weights that a run began with."""
    return run.timeline.segments[0].start.arrays["theta"]


def by_hand(run: Run) -> Run:
    """A run with points of one's own in place of those drawn."""
    points = run.points
    return Run.start(run.settings, Points(points.x[::-1].copy(), points.t[::-1].copy(), points.test))


def execute(run: Run, form: str) -> dict:
    """The names that the program of that form defines."""
    text = program(run, form)
    assert max(map(len, text.splitlines())) <= 200
    names: dict = {"__name__": "program"}
    exec(compile(text, f"<{form}>", "exec"), names)
    return names


def training_part(run: Run):
    """Inputs and targets, as the network takes them, of the training part."""
    data = run.fit.trainer.data
    return data.x[data.samples], data.t[data.samples]
