"""Xavier's initial weights suit tanh, He's suit ReLU: signals neither collapse nor explode through ten layers."""

import numpy as np

from ...layers import Dense
from ...network import Network
from ..claims import Within
from ..drawing import curves_by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms

LAYERS = 10

#: Activation, initial weights, standard deviation of the inputs.
ARMS = {
    "tanh, Xavier": ("tanh", "xavier_normal", 0.1),
    "tanh, He": ("tanh", "he_normal", 0.1),
    "ReLU, He": ("relu", "he_normal", 0.1),
    "ReLU, Xavier": ("relu", "xavier_normal", 0.1),
    "tanh, Xavier, x ~ N(0, 1)": ("tanh", "xavier_normal", 1.0),
    "scaled tanh, LeCun, x ~ N(0, 1)": ("scaled_tanh", "lecun_normal", 1.0),
}


def variances(network: Network, x: np.ndarray) -> np.ndarray:
    """Of the activations of each layer, over samples and units, (layers,)."""
    layers = network.trace(x, np.zeros((len(x), network.outputs))).layers
    return np.array([layer.a.var() for layer in layers[:-1:2]])


def measure(setting: Setting) -> Measured:
    width, samples = setting.size(256, 1024), setting.size(256, 1000)

    def arm(values, seed):
        activation, init, deviation = values
        hidden = [layer for _ in range(LAYERS) for layer in (Dense(width, init=init), activation)]
        if setting.problem is None:
            x = np.random.default_rng(seed).standard_normal((samples, width))
        else:
            x = setting.problem.x[:samples]
        network = Network([*hidden, Dense(1)], x.shape[1], seed=seed)
        found = variances(network, deviation * x)
        return {
            "last / first": found[-1] / found[0],
            "largest factor": np.exp(np.abs(np.log(found / found[0])).max()),
            "variances": found,
        }

    return measure_arms(setting, ARMS, arm, seeds=setting.size(5, 10))


EXPERIMENT = Experiment(
    title="Initial weights that keep the variance of the activations",
    items=("C3",),
    source=(
        "Glorot and Bengio (2010), §4.2.1; He, Zhang, Ren, Sun, Delving Deep into Rectifiers (2015), §2.2; LeCun, "
        "Bottou, Orr, Müller, Efficient BackProp, §4.6"
    ),
    method=(
        "Normally distributed inputs through ten layers of 256 units (--full: 1024) at their initial weights, biases "
        "0: the variance of the activations over samples and units, by layer, and its largest factor from that of the"
        " first layer. Inputs have deviation 0.1, where tanh is linear as Glorot and Bengio assume, and 1."
    ),
    claims=(
        Within(
            "largest factor",
            "tanh, Xavier",
            at_most=2,
            text="With tanh and Xavier's weights the variance stays within a factor of 2 of the first layer's",
        ),
        Within(
            "largest factor",
            "ReLU, He",
            at_most=2,
            text="With ReLU and He's weights the variance stays within a factor of 2",
        ),
        Within(
            "last / first", "tanh, He", at_least=2, text="With tanh and He's weights the variance explodes"
        ),
        Within(
            "last / first",
            "ReLU, Xavier",
            at_most=0.5,
            text="With ReLU and Xavier's weights the variance collapses",
        ),
        Within(
            "largest factor",
            "tanh, Xavier, x ~ N(0, 1)",
            at_most=2,
            text="With tanh and Xavier's weights it stays within a factor of 2 for inputs of deviation 1 too",
        ),
        Within(
            "largest factor",
            "scaled tanh, LeCun, x ~ N(0, 1)",
            at_most=2,
            text="With the scaled tanh and LeCun's weights it stays within a factor of 2 for inputs of deviation 1",
        ),
    ),
    measure=measure,
    draw=curves_by_arm("variances", "layer", "variance of the activations"),
    own_data=True,
)
