"""Optimizers: one step of an array of parameters along its gradient g, in place; k counts the steps from 0."""

import numpy as np


def sgd(theta, g, k, rate):
    theta -= rate * g


def momentum(theta, g, v, k, rate, momentum):
    v *= momentum
    v -= rate * g
    theta += v


def nesterov(theta, g, v, k, rate, momentum):
    v *= momentum
    v -= rate * g
    theta += momentum * v - rate * g


def adagrad(theta, g, s, k, rate, epsilon):
    s += g * g
    theta -= rate * g / (np.sqrt(s) + epsilon)


def rmsprop(theta, g, s, k, rate, decay, epsilon):
    s *= decay
    s += (1 - decay) * g * g
    theta -= rate * g / (np.sqrt(s) + epsilon)


def adam(theta, g, m, s, k, rate, beta1, beta2, epsilon):
    m *= beta1
    m += (1 - beta1) * g
    s *= beta2
    s += (1 - beta2) * g * g
    m_hat = m / (1 - beta1 ** (k + 1))  # m and s begin at zero and are too small at first
    s_hat = s / (1 - beta2 ** (k + 1))
    theta -= rate * m_hat / (np.sqrt(s_hat) + epsilon)


def delta_bar_delta(theta, g, average, gain, k, rate, increase, decrease, averaging):
    sign = np.sign(average * g)
    gain += increase * (sign > 0)
    gain *= 1 - decrease * (sign < 0)
    average *= averaging
    average += (1 - averaging) * g
    theta -= rate * gain * g
