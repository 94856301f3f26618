"""Rings three ways: without momentum, with momentum, with momentum and a falling rate."""

from ...functions.schedules import StepDecay
from ...optimizers import SGD, Momentum
from ..claims import Less, Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms
from . import rings

STEPS = -(-2000 // rings.BATCH)  # of an epoch

ARMS = {
    "A: no momentum, 0.01": SGD(0.01),
    "B: momentum, 0.005": Momentum(0.005, 0.9),
    "C: momentum, 0.01 halved": Momentum(StepDecay(0.01, factor=0.5, every=10 * STEPS), 0.9),
}
A, B, C = ARMS


def measure(setting: Setting) -> Measured:
    return measure_arms(setting, ARMS, rings.run, seeds=setting.size(5, 20))


EXPERIMENT = Experiment(
    title="Rings three ways",
    items=("E3",),
    source="a university course",
    method=(
        f"{rings.SETTING}, shuffled each epoch. A: no momentum, rate 0.01; B: momentum 0.9, rate 0.005; C: momentum "
        "0.9, rate 0.01, halved every ten epochs."
    ),
    claims=(
        Less("loss", B, A, text="Momentum at half the rate ends with a smaller loss than no momentum"),
        Less("loss", C, A, text="Momentum with a falling rate ends with a smaller loss than no momentum"),
        Less(
            "loss", C, B, text="A larger rate that falls ends with a smaller loss than a smaller constant one"
        ),
        Within(
            "accuracy",
            B,
            at_least=0.99,
            text="More than 99 % of the test points are told apart with momentum",
        ),
    ),
    measure=measure,
    draw=rings.draw,
)
