"""The twin of the vanishing gradient: weights that are too large, and what clipping and warm-up do about it."""

from ...data import load
from ...functions import ConstantRate, Normal, Warmup
from ...optimizers import SGD
from ..claims import Less, More
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import lowest_loss, measure_arms, train
from ..problem import Problem
from .deep import blocks, first_gradient

RATES = (1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4)
BATCH = 32

LARGE, CLIPPED, WARM = "too large", "too large, clipping", "too large, warm-up"

#: Initial weights, limit of the gradient's norm, part of the steps in which the rate rises.
ARMS = {
    "He": ("he_normal", None, 0.0),
    LARGE: (Normal(0.5), None, 0.0),
    CLIPPED: (Normal(0.5), 1.0, 0.0),
    WARM: (Normal(0.5), None, 0.3),
}


def measure(setting: Setting) -> Measured:
    problem = (setting.problem or Problem.of(load("digits"))).first(setting.size(500, None))
    epochs = setting.size(10, 50)
    steps = epochs * -(-len(problem.x) // BATCH)

    def arm(values, seed):
        init, clip, part = values
        hidden = blocks(9, init, "relu")

        def run(rate):
            schedule = Warmup(ConstantRate(rate), part * steps)
            network = problem.network(*hidden, seed=seed)
            return train(
                network,
                problem.x,
                problem.t,
                optimizer=SGD(schedule),
                epochs=epochs,
                batch_size=BATCH,
                clip_norm=clip,
            )["train_loss"]

        runs = {rate: run(rate) for rate in RATES}
        loss, rate, _ = lowest_loss(runs.__getitem__, RATES)
        return {
            "loss": min(loss, problem.baseline),
            "rate": rate,
            "diverged": sum(len(losses) < epochs for losses in runs.values()),
            "gradient": first_gradient(problem.network(*hidden, seed=seed), problem),
        }

    return measure_arms(setting, ARMS, arm, seeds=setting.size(3, 10))


EXPERIMENT = Experiment(
    title="Exploding gradients: clipping and warm-up",
    items=("C4", "C2"),
    source="Pascanu, Mikolov, Bengio (2013), algorithm 1; Goyal and others (2017), §2.2",
    method=(
        "500 of the digits (--full: all), 9 hidden layers of 32 ReLU units whose initial weights are He's, or N(0, "
        "0.5²), twice as large; then SGD in batches of 32 for ten epochs (--full: 50) as it is, with the gradient's "
        "norm limited to 1, or with a rate that rises during 30 % of the steps. The norm of the first ∂E/∂w at the "
        "start; the training loss with the best of nine rates (at most that of the constant output), and how many of "
        "the nine diverge."
    ),
    claims=(
        More(
            "gradient",
            LARGE,
            "He",
            by=100,
            text="Weights twice too large: the gradient is over 100 times larger",
        ),
        Less("diverged", CLIPPED, LARGE, difference=True, text="With clipping fewer rates diverge"),
        Less("diverged", WARM, LARGE, difference=True, text="With warm-up fewer rates diverge"),
        Less("loss", CLIPPED, LARGE, text="With clipping the network learns better"),
        Less("loss", WARM, LARGE, text="With warm-up the network learns better"),
    ),
    measure=measure,
    draw=by_arm({"loss": "training loss at the end", "diverged": "diverged, of 9 rates"}, log=False),
    own_data=True,
)
