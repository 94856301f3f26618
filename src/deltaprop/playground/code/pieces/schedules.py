"""Schedules: the learning rate at step k of a run of so many steps."""

import numpy as np


def half_wave(start, end, progress):
    return end + (start - end) * 0.5 * (1 + np.cos(np.pi * progress))


def step_decay(k, rate, steps):
    return rate * 0.5 ** np.floor(k / (steps / 5))


def exponential(k, rate, steps):
    return rate * 0.01 ** (k / steps)


def inverse(k, rate, steps):
    return rate / (1 + 10 * k / steps)


def inverse_scaling(k, rate, steps):
    return rate / np.sqrt(1 + k)


def linear(k, rate, steps):
    return rate * (1 - min(k / steps, 1))


def cosine(k, rate, steps):
    return half_wave(rate, 0, min(k / steps, 1))


def flat_cosine(k, rate, steps):
    return half_wave(rate, 0, min(max(2 * k / steps - 1, 0), 1))


def warmup_linear(k, rate, steps):
    warmup = 0.05 * steps
    return rate * (k + 1) / (warmup + 1) if k < warmup else linear(k - warmup, rate, 0.95 * steps)


def warmup_cosine(k, rate, steps):
    warmup = 0.05 * steps
    return (
        half_wave(0, rate, (k + 1) / (warmup + 1)) if k < warmup else cosine(k - warmup, rate, 0.95 * steps)
    )


def triangular(k, rate, steps):
    position = k / (steps / 8) % 2
    return rate / 10 + (rate - rate / 10) * (1 - abs(position - 1))


def one_cycle(k, rate, steps):
    top, end = max(0.3 * steps - 1, 0), steps - 1
    if k < top:
        return half_wave(rate / 25, rate, k / top)
    return half_wave(rate, rate / 250_000, min((k - top) / ((end - top) or 1), 1))


def coslog4(k, rate, steps):
    wave = np.log2(1 + 15 * min(k / steps, 1))
    return 0.5 * rate * (1 - np.cos(2 * np.pi * wave))
