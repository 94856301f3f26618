"""What is said to help against vanishing gradients, each alone, on the same deep network of sigmoid units."""

from ...data import load
from ...functions import Normal
from ...layers import BatchNorm, LayerNorm, Residual
from ...optimizers import Momentum
from ..claims import Less, More
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import lowest_loss, measure_arms, train
from ..problem import Problem
from .deep import blocks, first_gradient

RATES = (0.3, 0.1, 0.03, 0.01)
SMALL = Normal(0.1)
HIDDEN = 9

NONE = "no remedy"
ARMS = {
    NONE: blocks(HIDDEN, SMALL, "sigmoid"),
    "Xavier": blocks(HIDDEN, "xavier_normal", "sigmoid"),
    "He": blocks(HIDDEN, "he_normal", "sigmoid"),
    "ReLU and He": blocks(HIDDEN, "he_normal", "relu"),
    "batch norm": blocks(HIDDEN, SMALL, "sigmoid", [BatchNorm()]),
    "layer norm": blocks(HIDDEN, SMALL, "sigmoid", [LayerNorm()]),
    "residual": [
        *blocks(1, SMALL, "sigmoid"),
        *[Residual(tuple(blocks(1, SMALL, "sigmoid")))] * (HIDDEN - 1),
    ],
}


def measure(setting: Setting) -> Measured:
    problem = (setting.problem or Problem.of(load("digits"))).first(setting.size(500, None))
    epochs = setting.size(15, 50)

    def arm(hidden, seed):
        def run(rate):
            network = problem.network(*hidden, seed=seed)
            return train(network, problem.x, problem.t, optimizer=Momentum(rate, 0.9), epochs=epochs)[
                "train_loss"
            ]

        loss, rate, _ = lowest_loss(run, RATES)
        return {
            "gradient": first_gradient(problem.network(*hidden, seed=seed), problem),
            "loss": loss,
            "rate": rate,
        }

    return measure_arms(setting, ARMS, arm, seeds=setting.size(3, 10))


REMEDIES = tuple(ARMS)[1:]

EXPERIMENT = Experiment(
    title="Remedies for vanishing gradients",
    items=("C4",),
    source=(
        "Glorot and Bengio (2010); He and others (2015, 2016); Ioffe and Szegedy, Batch normalization (2015); Ba, "
        "Kiros, Hinton, Layer normalization (2016)"
    ),
    method=(
        "500 of the digits (--full: all), 9 hidden layers of 32 sigmoid units whose initial weights are drawn from "
        "N(0, 0.1²); each arm changes one thing. The norm of ∂E/∂w of the first layer at the start, and the training "
        "loss after 15 epochs (--full: 50) with momentum 0.9, batches of 32 and the best of four rates."
    ),
    claims=(
        *(
            More("gradient", arm, NONE, by=10, text=f"{arm}: the first gradient is over ten times larger")
            for arm in REMEDIES
        ),
        *(
            Less("loss", arm, NONE, by=1.1, text=f"{arm}: the final loss is over 10 % lower")
            for arm in REMEDIES
        ),
    ),
    measure=measure,
    draw=by_arm({"gradient": "norm of the first ∂E/∂w at the start", "loss": "training loss at the end"}),
    own_data=True,
)
