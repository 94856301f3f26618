"""The scikit-learn face: change one import line of a program, and train the same networks here."""

from .classifier import MLPClassifier
from .parameters import UnusedArgumentWarning
from .regressor import MLPRegressor
from .single_layer import Adaline, Perceptron

__all__ = ["Adaline", "MLPClassifier", "MLPRegressor", "Perceptron", "UnusedArgumentWarning"]
