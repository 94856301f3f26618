"""MNIST: initial weights that suit the activation."""

from ...plots import curves, figure_of
from ..claims import Less
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from . import mnist

ARMS = {
    "tanh, Xavier": ("tanh", "glorot_normal"),
    "tanh, He": ("tanh", "he_normal"),
    "ReLU, He": ("relu", "he_normal"),
}
EPOCHS = 5


def measure(setting: Setting) -> Measured:
    problem = mnist.images(setting.size(6000, None))

    def run(arm, seed):
        net = mnist.network(problem, *arm, seed=seed)
        test = (problem.x_test, problem.t_test)
        history = train(
            net, problem.x, problem.t, optimizer="adam", epochs=EPOCHS, batch_size=128, validation=test
        )
        return {
            "training loss": history["train_loss"][-1],
            "error": 1 - history["validation_score"][-1],
            "losses": history["train_loss"],
        }

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 5))


def draw(measured, palette):
    losses = series(measured, "losses")
    return figure_of(curves(epochs(losses), losses, "training loss", log=True, palette=palette))


EXPERIMENT = Experiment(
    title="MNIST: initial weights",
    items=("E4", "C3"),
    source="a university course; Glorot and Bengio (2010), He and others (2015)",
    method=(
        "784-256-128-10, softmax and cross-entropy, Adam at 0.001, batches of 128, 5 epochs, 6000 training images (at "
        "full size 60,000); tanh with Xavier's and with He's initial weights, ReLU with He's; error on the 10,000 "
        "test images."
    ),
    claims=(
        Less(
            "training loss",
            "tanh, Xavier",
            "tanh, He",
            text="With tanh, Xavier's weights learn faster than He's",
        ),
        Less(
            "error",
            "tanh, Xavier",
            "tanh, He",
            text="With tanh, Xavier's weights err less than He's on test images",
        ),
        Less(
            "error",
            "ReLU, He",
            "tanh, Xavier",
            text="ReLU with He's weights errs less than tanh with Xavier's",
        ),
    ),
    measure=measure,
    draw=draw,
)
