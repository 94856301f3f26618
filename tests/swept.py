"""Functions to be swept, where other processes can import them."""

import os
import signal
import time

import numpy as np
from threadpoolctl import threadpool_info

from deltaprop.sweeps import Outcome

SPACE = {"rate": [0.1, 0.2, 0.4], "init": ["he", "glorot"]}


def loss(settings):
    noise = np.random.default_rng(settings["seed"]).normal()
    return (settings["rate"] - 0.2) ** 2 + 0.001 * noise * (1 + (settings["init"] == "he"))


def misbehave(settings):
    match settings["how"]:
        case "raises":
            raise RuntimeError("no\nconvergence")
        case "nan":
            return {"loss": [1.0, np.nan]}
        case "infinite":
            return float("inf")
        case "diverges":
            return Outcome({"loss": 0.1}, {"loss": [0.1, 9e9]}, "diverged", "in epoch 2")
        case "text":
            return {"loss": "low"}
        case "nothing":
            return None
        case "another":
            return {"score": 1.0}
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
    return {"loss": 0.5}


def threads(settings):
    return {"threads": max(pool["num_threads"] for pool in threadpool_info())}


def slow_loss(settings):
    """The same, in 0.05 s."""
    time.sleep(0.05)
    return loss(settings)
