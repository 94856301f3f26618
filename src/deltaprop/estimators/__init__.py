"""The scikit-learn face: change one import line of a program, and train the same networks here."""

from .ancestors import Adaline, Perceptron
from .classifier import MLPClassifier
from .parameters import UnusedArgumentWarning
from .regressor import MLPRegressor

__all__ = ["Adaline", "MLPClassifier", "MLPRegressor", "Perceptron", "UnusedArgumentWarning"]
