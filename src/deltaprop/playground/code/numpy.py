"""The parts of the program in NumPy alone: the forward and backward pass, written out layer by layer."""

from __future__ import annotations

from typing import Any

from .notes import notes
from .pieces import called, source
from .subject import Stage, Subject, named_arrays

#: The pieces of rules where their names differ.
RULES = {"adamw": "adam"}


def parts(subject: Subject) -> dict[str, Any]:
    settings = subject.settings
    rule = RULES.get(settings.optimizer.name, settings.optimizer.name)
    forward, backward = _forward(subject.stages), _backward(subject)
    text = "\n".join([*forward, *backward, *subject.formulas, *([] if subject.began else subject.drawn)])
    names = [*called(text), subject.output_map, subject.loss, subject.schedule, rule]
    names += ["clip_norm"] if settings.clip_norm is not None else []
    pieces = source(names)
    running, stepping = any(s.batch_norm for s in subject.stages), any(s.dropout for s in subject.stages)
    modes = [", running"] * running + [", training"] * (running or stepping) + [", k"] * stepping
    return {
        "notes": notes(subject),
        "pieces": pieces,
        "needs_math": "math." in pieces,
        "forward": forward,
        "backward": backward,
        "rule": rule,
        "states": _states(subject),
        "running": [stage for stage in subject.stages if stage.batch_norm],
        "stepping": stepping,
        "modes": "".join(modes),
        "penalty": _penalty(subject),
        "arrays": named_arrays(subject.network),
        "began": subject.began and named_arrays(subject.began),
    }


def _penalty(subject: Subject) -> str:
    """The penalty on one array of weights w."""
    l1, l2 = subject.settings.l1, subject.settings.l2
    parts = [f"{l1} * np.abs(w).sum()"] if l1 else []
    parts += [f"{0.5 * l2} * np.square(w).sum()"] if l2 else []
    return " + ".join(parts)


def _states(subject: Subject) -> list[str]:
    """What the arrays of the optimizer's state begin with."""
    return ["np.ones_like" if name == "gain" else "np.zeros_like" for name in subject.rule.vectors]


def _forward(stages: list[Stage]) -> list[str]:
    """The values of a pass, from the inputs x to z of the outputs."""
    lines, x = [], "x"
    for stage in stages:
        n = stage.number
        lines.append(f"v.z{n} = {x} @ p.w{n}.T + p.b{n}")
        x = f"v.z{n}"
        if stage.batch_norm:
            lines.append(
                f"v.n{n}, v.h{n}, v.std{n} = batch_norm(v.z{n}, p.gain{n}, p.shift{n}, running[{n}], training)"
            )
            x = f"v.n{n}"
        elif stage.normalization is not None:
            lines.append(f"v.n{n}, v.h{n}, v.std{n} = layer_norm(v.z{n}, p.gain{n}, p.shift{n})")
            x = f"v.n{n}"
        if stage.activation is not None:
            lines.append(f"v.a{n} = {_name(stage)}({x})")
            x = f"v.a{n}"
        if stage.dropout is not None:
            mask = f"dropout_mask({x}.shape, {stage.rate}, DROPOUT_KEY, {stage.dropout.index}, k)"
            lines.append(f"v.mask{n} = {mask} if training else 1")
            lines.append(f"v.d{n} = {x} * v.mask{n}")
            x = f"v.d{n}"
    return lines


def _backward(subject: Subject) -> list[str]:
    """The derivative by every parameter, from delta of the outputs down to the first layer."""
    stages, settings = subject.stages, subject.settings
    lines = []
    for stage in reversed(stages):
        n = stage.number
        x = "x" if n == 1 else _output(stages[n - 2])
        if n < len(stages):
            lines += _through(stage)
        lines.append(f"g.w{n}, g.b{n} = delta{n}.T @ {x}, delta{n}.sum(axis=0)")
        penalty = [f"{settings.l1} * np.sign(p.w{n})"] if settings.l1 else []
        penalty += [f"{settings.l2} * p.w{n}"] if settings.l2 else []
        if penalty:
            lines.append(f"g.w{n} += {' + '.join(penalty)}")
    return lines


def _through(stage: Stage) -> list[str]:
    """From delta of the next layer to that of this one."""
    n = stage.number
    factors = [f"delta{n + 1} @ p.w{n + 1}"]
    factors += [f"v.mask{n}"] if stage.dropout is not None else []
    if stage.activation is not None:
        z = f"v.z{n}" if stage.normalization is None else f"v.n{n}"
        factors.append(f"{_name(stage)}_slope({z}, v.a{n})")
    product = " * ".join([f"({factors[0]})", *factors[1:]]) if factors[1:] else factors[0]
    if stage.normalization is None:
        return [f"delta{n} = {product}"]
    return [
        f"d_n{n} = {product}",
        f"g.gain{n}, g.shift{n} = (d_n{n} * v.h{n}).sum(axis=0), d_n{n}.sum(axis=0)",
        f"delta{n} = norm_backward(d_n{n} * p.gain{n}, v.h{n}, v.std{n}, axis={0 if stage.batch_norm else 1})",
    ]


def _output(stage: Stage) -> str:
    """The name of what a stage hands on."""
    n = stage.number
    if stage.dropout is not None:
        return f"v.d{n}"
    if stage.activation is not None:
        return f"v.a{n}"
    return f"v.z{n}" if stage.normalization is None else f"v.n{n}"


def _name(stage: Stage) -> str:
    return stage.activation.operation  # type: ignore[union-attr]
