"""A learning rate that falls against one that stays."""

from ...data import load
from ...functions import as_schedule
from ...optimizers import SGD
from ...training import ReduceOnPlateau
from ..claims import Less
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

RATES = (0.3, 0.1, 0.03, 0.01, 0.003)
BATCH = 8

PLATEAU = "on plateau"
ARMS = {
    "constant": "constant",
    "step": "step",
    PLATEAU: "constant",
    "a/(b + t)": "inverse",
    "exponential": "exponential",
    "linear": "linear",
    "cosine": "cosine",
    "warm-up, cosine": "warmup_cosine",
    "triangular": "triangular",
    "one-cycle": "one_cycle",
}


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("diabetes"))
    epochs = setting.size(30, 100)
    steps = epochs * -(-len(problem.x) // BATCH)

    best = problem.network()
    train(best, problem.x, problem.t, optimizer="lbfgs", epochs=500)
    least = best.value(problem.x, problem.t)

    def arm(values, seed):
        name, schedule = values
        watching = {"plateau": ReduceOnPlateau(0.5, 3)} if name == PLATEAU else {}

        def final(rate):
            network = problem.network(seed=seed)
            history = train(
                network,
                problem.x,
                problem.t,
                optimizer=SGD(as_schedule(schedule, rate, steps)),
                epochs=epochs,
                batch_size=BATCH,
                validation=(problem.x_test, problem.t_test),
                **watching,
            )
            diverged = history.status == "diverged"
            return problem.baseline if diverged else network.value(problem.x, problem.t), rate

        loss, rate = min(map(final, RATES))
        return {"excess": max(loss - least, 1e-9), "rate": rate}

    return measure_arms(setting, {name: (name, ARMS[name]) for name in ARMS}, arm, seeds=setting.size(5, 20))


EXPERIMENT = Experiment(
    title="Schedules of the learning rate",
    items=("C2",),
    source="Robbins and Monro (1951); Smith (2017, 2018); Loshchilov and Hutter, SGDR (2017)",
    method=(
        "Diabetes, whose targets are noisy; a linear unit, squared error, SGD in batches of 8, 30 epochs (--full: "
        "100), each schedule with the best of five (largest) rates: E of the training samples above its minimum, "
        "which L-BFGS finds. On plateau: halved after three epochs without improvement on the test samples."
    ),
    claims=tuple(
        Less("excess", arm, "constant", text=f"{arm}: nearer to the minimum than with a constant rate")
        for arm in ARMS
        if arm != "constant"
    ),
    measure=measure,
    draw=by_arm({"excess": "E − E_min at the end"}),
    own_data=True,
)
