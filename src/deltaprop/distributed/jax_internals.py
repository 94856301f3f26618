"""What JAX tells and does only by private names, all of them here: a version that lacks one is refused in one line."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

from ..errors import InputError

#: The versions of JAX with which the processes were tested.
TESTED = "0.8 to 0.11"

#: The names, each in a module of ``jax._src``.
USED, DETECT, OPTIONS, STATE, GLOO, CPU_CLIENT = NAMES = (
    "xla_bridge:backends_are_initialized",
    "clusters:ClusterEnv.auto_detect_unset_distributed_params",
    "config:config.values",
    "distributed:global_state",
    "lib:_jax.make_gloo_tcp_collectives",
    "xla_bridge:make_cpu_client",
)


def find(name: str) -> Any:
    """What JAX has of that name."""
    try:
        import jax
    except ImportError:
        raise InputError("start: JAX is not installed, expected it; pip install 'deltaprop[jax]'.") from None
    try:
        return resolve_name(f"jax._src.{name}")
    except (ImportError, AttributeError):
        raise InputError(
            f"start: JAX {jax.__version__} has no jax._src.{name.replace(':', '.')}, expected a version with which the "
            f"processes were tested; install one of {TESTED}."
        ) from None


def check() -> None:
    """Refuse a version of JAX that lacks one of the names."""
    for name in NAMES:
        find(name)


def was_used() -> bool:
    """Whether JAX has made its devices in this process."""
    return find(USED)()


def detected(launcher: str, timeout: float) -> tuple[Any, Any, Any, Any]:
    """Coordinator, number of processes, number of this one and of its devices, as that launcher says."""
    return find(DETECT)(None, None, None, None, launcher, int(timeout))


def options() -> Mapping[str, Any]:
    """The values of JAX's options."""
    return find(OPTIONS)


def cpu_client(address: str) -> Any:
    """JAX's client of CPU devices, whose Gloo listens at that address and nowhere else."""
    return find(CPU_CLIENT)(find(GLOO)(find(STATE).client, hostname=address))


def abandon() -> None:
    """Leave JAX's coordination without its farewell, which would wait for processes that are gone."""
    state = find(STATE)
    for thing in (state.client, state.service):  # never destroyed: that would say farewell too
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
    state.client = state.service = None
