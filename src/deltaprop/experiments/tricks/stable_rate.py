"""Gradient descent near a minimum: it diverges just above 2/λ_max; 1/λ_max is best along the first eigenvector."""

from ...curvature import Hessian, power_method
from ...data import load
from ...functions.penalties import Penalty
from ...layers import Dense
from ..claims import Less, Within
from ..drawing import curves_by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

#: Learning rates as multiples of 1/λ_max.
ARMS = {"0.5/λ_max": 0.5, "1/λ_max": 1.0, "1.9/λ_max": 1.9, "2.1/λ_max": 2.1}
STEPS, DISTANCE = 20, 1e-4


def minimum(problem, seed):
    """A network at a minimum, λ_max of the Hessian there, and its eigenvector."""
    network = problem.network(Dense(8), "scaled_tanh", seed=seed, penalty=Penalty(l2=0.01))
    train(network, problem.x, problem.t, optimizer="lbfgs", epochs=2000)
    train(network, problem.x, problem.t, optimizer="newton", epochs=20)
    first = power_method(Hessian(network, problem.x, problem.t))
    return network, first.value, first.vector


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("wine"))

    def run(factor, seed):
        network, largest, direction = minimum(problem, seed)
        theta, distances = network.theta.copy(), []
        network.theta += DISTANCE * direction
        for _ in range(STEPS):
            distances.append(abs(direction @ (network.theta - theta)))
            network.theta -= factor / largest * network.gradient(problem.x, problem.t)[1]
        return {"growth": distances[-1] / distances[0], "distances": distances}

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 10))


EXPERIMENT = Experiment(
    title="The largest stable learning rate of a network",
    items=("D7",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §5.1, eq. 32 and 33",
    method=(
        "The wines, standardized; 13-8-3, scaled tanh, softmax and cross-entropy, l2 of 0.01, trained by L-BFGS "
        f"to a minimum. From there {DISTANCE:g} along the first eigenvector of the Hessian, and {STEPS} steps of "
        "gradient descent on all samples. Growth is the distance along that eigenvector, last over first."
    ),
    claims=(
        Within("growth", "1.9/λ_max", at_most=1, text="At 1.9/λ_max gradient descent converges"),
        Within("growth", "2.1/λ_max", at_least=1, text="At 2.1/λ_max it diverges"),
        Less("growth", "1/λ_max", "0.5/λ_max", text="At 1/λ_max it converges faster than at half of it"),
        Less("growth", "1/λ_max", "1.9/λ_max", text="At 1/λ_max it converges faster than near the limit"),
    ),
    measure=measure,
    draw=curves_by_arm("distances", "step", "distance along the first eigenvector"),
    own_data=True,
)
