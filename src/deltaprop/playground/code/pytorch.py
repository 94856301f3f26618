"""The parts of the program for PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...network import Network
from .notes import notes
from .pieces import called, source
from .subject import Stage, Subject

#: The module of each activation; those that PyTorch lacks are written out.
ACTIVATIONS = {
    "identity": "nn.Identity()",
    "step": "Step()",
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "scaled_tanh": "ScaledTanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "gelu": "nn.GELU()",
    "elu": "nn.ELU()",
    "selu": "nn.SELU()",
    "softplus": "nn.Softplus(threshold=40)",
    "silu": "nn.SiLU()",
    "mish": "nn.Mish()",
}

LOSSES = {
    "squared_error": '0.5 * nn.functional.mse_loss(z, t, reduction="sum") / len(z)',
    "absolute_error": 'nn.functional.l1_loss(z, t, reduction="sum") / len(z)',
    "huber": 'nn.functional.huber_loss(z, t, reduction="sum") / len(z)',
    "hinge": "torch.relu(1 - t * z).sum() / len(z)",
    "perceptron": "(((z >= 0).float() - t) * z).sum() / len(z)",
    "sigmoid_cross_entropy": 'nn.functional.binary_cross_entropy_with_logits(z, t, reduction="sum") / len(z)',
    "softmax_cross_entropy": "nn.functional.cross_entropy(z, t)",
}

PREDICTIONS = {
    "": "z",
    "sigmoid": "torch.sigmoid(z)",
    "softmax": "torch.softmax(z, dim=1)",
    "step": "(z >= 0).float()",
}

#: PyTorch's names of arrays.
ARRAYS = {"w": "weight", "b": "bias", "gain": "weight", "shift": "bias"}
ARRAYS |= {"mean": "running_mean", "variance": "running_var"}


def parts(subject: Subject) -> dict[str, Any]:
    settings, rule = subject.settings, subject.settings.optimizer.name
    pieces = source(
        [*called("\n".join([*subject.formulas, *([] if subject.began else subject.drawn)])), subject.schedule]
    )
    layers = [line for stage in subject.stages for line in _layers(stage)]
    coupled = rule in ("adam", "adamw")
    optimizer = _optimizer(rule, settings.optimizer.learning_rate, subject.numbers, subject.weight_decay)
    return {
        "notes": [*notes(subject), *_differences(subject)],
        "pieces": pieces,
        "needs_math": "math." in pieces,
        "layers": layers,
        "loss": LOSSES[subject.loss],
        "penalty": _penalty(settings.l1, settings.l2),
        "prediction": PREDICTIONS[subject.output_map],
        "optimizer": optimizer,
        "decay": 0 if coupled else subject.weight_decay,
        "batch_norm": any(stage.batch_norm for stage in subject.stages),
        "arrays": _arrays(subject.network),
        "began": subject.began and _arrays(subject.began),
    }


def _layers(stage: Stage) -> list[str]:
    lines = [f"nn.Linear({stage.inputs}, {stage.units})"]
    if stage.normalization is not None:
        lines.append(f"nn.{'BatchNorm1d' if stage.batch_norm else 'LayerNorm'}({stage.units})")
    if stage.activation is not None:
        lines.append(ACTIVATIONS[stage.activation.operation])  # type: ignore[attr-defined]
    if stage.dropout is not None:
        lines.append(f"nn.Dropout({stage.rate})")
    return lines


def _arrays(network: Network) -> dict[str, np.ndarray]:
    """The arrays of all layers as the model's ``state_dict`` names them."""
    return {
        f"{place}.{ARRAYS[name]}": array
        for place, view in enumerate(network.layers)
        for name, array in view.arrays.items()
    }


def _optimizer(rule: str, rate: float, numbers: dict[str, float], decay: float) -> str:
    """The optimizer of that name."""
    start = f"(model.parameters(), lr={rate}"
    match rule, numbers:
        case "sgd", _:
            return f"torch.optim.SGD{start})"
        case (("momentum" | "nesterov"), {"momentum": momentum}):
            nesterov = ", nesterov=True" if rule == "nesterov" and momentum else ""
            return f"torch.optim.SGD{start}, momentum={momentum}{nesterov})"
        case "adagrad", {"epsilon": epsilon}:
            return f"torch.optim.Adagrad{start}, eps={epsilon})"
        case "rmsprop", {"decay": mean, "epsilon": epsilon}:
            return f"torch.optim.RMSprop{start}, alpha={mean}, eps={epsilon})"
        case (("adam" | "adamw"), {"beta1": beta1, "beta2": beta2, "epsilon": epsilon}):
            name, more = ("AdamW", f", weight_decay={decay}") if decay else ("Adam", "")
            return f"torch.optim.{name}{start}, betas=({beta1}, {beta2}), eps={epsilon}{more})"
    listed = ", ".join(f"{name}={number}" for name, number in numbers.items())
    return f"DeltaBarDelta{start}, {listed})"


def _penalty(l1: float, l2: float) -> str:
    terms = [f"{l1} * w.abs().sum()"] if l1 else []
    return " + ".join(terms + ([f"{0.5 * l2} * w.square().sum()"] if l2 else []))


def _differences(subject: Subject) -> list[str]:
    settings, found = subject.settings, []
    if any(stage.dropout for stage in subject.stages):
        found.append("PyTorch's dropout draws other masks than the page's.")
    if settings.optimizer.name in ("momentum", "nesterov") and settings.optimizer.schedule != "constant":
        found.append("PyTorch's velocity follows a change of the rate at once, the page's as it fades.")
    if (
        any(stage.batch_norm for stage in subject.stages)
        and len(subject.rows(False)) % subject.batch_size == 1
    ):
        found.append("PyTorch cannot normalize the last batch of an epoch, of one sample, and leaves it out.")
    return found
