"""The names of parameters, by which factors on rates and decays are given."""

from deltaprop import Dense, Network
from deltaprop.layers import (
    LAYERS,
    RBF,
    BatchNorm,
    Embedding,
    GroupedDense,
    LayerNorm,
    LearnedScale,
    ParametricActivation,
    PeriodicEmbedding,
)
from deltaprop.layers.base import PARAMETERS


def test_they_are_those_of_the_layers():
    layers = [PeriodicEmbedding(1), Embedding((3,)), LearnedScale(), Dense(4), BatchNorm(), LayerNorm()]
    layers += [RBF(4), GroupedDense(2, 2), ParametricActivation("tanh"), Dense(1)]
    network = Network(layers, inputs=3)
    assert {block.parameter for block in network.layout} == PARAMETERS
    others = {"Activation", "Dropout", "Repeat", "Residual", "Scale", "Softmax"}
    assert {type(layer).__name__ for layer in layers} | others == {cls.__name__ for cls in LAYERS}
