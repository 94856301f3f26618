"""The optimizers on one problem, each with its own best learning rate."""

from ...data import load
from ...layers import Dense
from ...optimizers import SGD, AdaGrad, Adam, AdamW, GradientDescent, Momentum, Nesterov, RMSProp
from ...plots import curves as draw_curves
from ...plots import figure_of, panels, values_by_arm
from ...training import MomentumOnPlateau
from ..claims import Less
from ..drawing import epochs as epochs_of
from ..drawing import series
from ..experiment import Experiment, Measured, Setting
from ..measuring import goal, measure_arms, train, with_best_rate
from ..problem import Problem

RATES = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 3e-3)

MINI = "mini-batch"
RISING = "momentum 0.5 → 0.9"

#: The rule at a rate, the size of its batches.
ARMS = {
    "gradient descent": (GradientDescent, None),
    "stochastic": (SGD, 1),
    MINI: (SGD, 32),
    "momentum 0.9": (lambda rate: Momentum(rate, 0.9), 32),
    RISING: (lambda rate: Momentum(rate, 0.5), 32),
    "Nesterov": (lambda rate: Nesterov(rate, 0.9), 32),
    "AdaGrad": (AdaGrad, 32),
    "RMSProp": (RMSProp, 32),
    "Adam": (Adam, 32),
    "AdamW": (AdamW, 32),
}


def measure(setting: Setting) -> Measured:
    problem = (setting.problem or Problem.of(load("digits"))).first(setting.size(500, None))
    epochs = setting.size(30, 200)

    def network(seed):
        return problem.network(Dense(32), "tanh", seed=seed)

    def arm(values, seed):
        rule, batch_size = values
        rising = MomentumOnPlateau(patience=1, min_improvement=0.2) if values is ARMS[RISING] else None
        loss = goal(problem, network(seed), 3 * epochs)

        def run(rate):
            options = {"optimizer": rule(rate), "epochs": epochs, "batch_size": batch_size}
            return train(network(seed), problem.x, problem.t, momentum_plateau=rising, **options)[
                "train_loss"
            ]

        needed, rate, losses = with_best_rate(run, RATES, loss)
        return {"epochs": needed, "rate": rate, "losses": losses}

    return measure_arms(setting, ARMS, arm, seeds=setting.size(3, 10))


def draw(measured, palette):
    left, right = panels(2, width=5.2, height=4.2, palette=palette)
    table = measured.table
    values = {arm: table.loc[table["arm"] == arm, "epochs"] for arm in ARMS}
    values_by_arm(values, "epochs to the loss", log=True, ax=left, palette=palette)
    losses = series(measured, "losses")
    shown = {arm: losses[arm] for arm in ("gradient descent", MINI, "momentum 0.9", "AdaGrad", "Adam")}
    draw_curves(epochs_of(shown), shown, "training loss", log=True, ax=right, palette=palette)
    return figure_of(left)


def fewer(arm, other):
    return Less("epochs", arm, other, text=f"{arm} needs fewer epochs than {other}")


EXPERIMENT = Experiment(
    title="Optimizers",
    items=("C1",),
    source=(
        "Rumelhart, Hinton, Williams (1986); Sutskever, Martens, Dahl, Hinton (2013); Duchi, Hazan, Singer (2011); "
        "Tieleman and Hinton (2012); Kingma and Ba (2015); Loshchilov and Hutter (2019)"
    ),
    method=(
        "500 of the digits (--full: all), 64-32-10, tanh, softmax and cross-entropy, batches of 32 (stochastic: 1; "
        "gradient descent: all samples), each arm with the best of seven rates; momentum rises after an epoch in "
        "which the loss falls by less than 20 %. Epochs, at most 30 (--full: 200), to 99 % of the loss that Adam "
        "removes at its default rate in three times as many."
    ),
    claims=(
        fewer(MINI, "gradient descent"),
        fewer("stochastic", MINI),
        fewer("momentum 0.9", MINI),
        fewer("Nesterov", "momentum 0.9"),
        fewer(RISING, "momentum 0.9"),
        fewer("AdaGrad", MINI),
        fewer("RMSProp", MINI),
        fewer("Adam", MINI),
        fewer("AdamW", "Adam"),
    ),
    measure=measure,
    draw=draw,
    own_data=True,
)
