"""Two rings: a small network tells them apart."""

from ...data import load
from ...layers import Dense
from ...optimizers import SGD
from ...plots import curves, decision_boundary, figure_of, panels, title
from ..claims import Within
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

EPOCHS, BATCH = 50, 128
SETTING = (
    "2000 points on two rings of radius 1 and 2, noise 0.1, standardized, and 2000 others for the test; 2-32-16-2, "
    f"ReLU, softmax and cross-entropy, He's initial weights, batches of {BATCH}, {EPOCHS} epochs"
)


def run(rule, seed):
    """Train with this optimizer: the accuracy on the test points, the losses, the network."""
    rings = Problem.of(load("rings", samples=4000, seed=seed), test=0.5)
    net = rings.network(Dense(32, init="he_normal"), "relu", Dense(16, init="he_normal"), "relu", seed=seed)
    losses = train(net, rings.x, rings.t, optimizer=rule, epochs=EPOCHS, batch_size=BATCH)["train_loss"]
    accuracy = net.score(rings.x_test, rings.t_test)
    return {"accuracy": accuracy, "loss": losses[-1], "losses": losses, "network": net, "points": rings}


def measure(setting: Setting) -> Measured:
    return measure_arms(setting, {"SGD": SGD(0.01)}, run, seeds=setting.size(5, 20))


def draw(measured, palette):
    """Curves of the loss, and the boundary of the first seed in each arm."""
    arms = list(dict.fromkeys(measured.table["arm"]))
    left, *planes = panels(1 + len(arms), 4, 3.6, 3.2, palette=palette)
    losses = series(measured, "losses")
    curves(epochs(losses), losses, "training loss", log=True, ax=left, palette=palette)
    for axes, arm in zip(planes, arms, strict=True):
        net, points = (measured.details[name][arm, 0] for name in ("network", "points"))
        decision_boundary(net, points.x_test[:500], points.t_test[:500], ax=axes, palette=palette)
        axes.set(xlabel="x1, standardized", ylabel="x2, standardized")
        title(axes, arm)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="Two rings",
    items=("E1",),
    source="a university course: over 95 %, 99.8 % seen",
    method=f"{SETTING}, SGD at 0.01.",
    claims=(
        Within("accuracy", "SGD", at_least=0.99, text="More than 99 % of the test points are told apart"),
    ),
    measure=measure,
    draw=draw,
)
