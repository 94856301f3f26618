"""Which processes there are: the arguments of `start`, checked, or what a launcher says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ..errors import InputError, number, short
from . import jax_internals


@dataclass(frozen=True)
class Launch:
    """Where process 0 listens, how many processes there are, and which of them this is."""

    host: str
    port: int
    processes: int
    process_id: int
    devices: Any = None  #: numbers of the devices of this process, where several share a machine; None: all


def given(coordinator: Any, processes: Any, process_id: Any) -> Launch:
    """The processes that the arguments of `start` tell of."""
    arguments = {"coordinator": coordinator, "processes": processes, "process_id": process_id}
    missing = [name for name, value in arguments.items() if value is None]
    if missing:
        raise InputError(
            f"start: {missing[0]} is None, expected all of {', '.join(arguments)}, or none of them; give "
            f"{' and '.join(missing)} too."
        )
    number("start", "processes", processes, low=1, integer=True)
    number("start", "process_id", process_id, low=0, high=processes - 1, integer=True)
    host, port = parse(coordinator)
    return Launch(host, port, int(processes), int(process_id))


def parse(coordinator: Any) -> tuple[str, int]:
    """Host and port of HOST:PORT; an address of IPv6 stands in brackets.

    Examples
    --------
    >>> parse("node001:8476")
    ('node001', 8476)
    >>> parse("[fe80::1]:8476")
    ('fe80::1', 8476)
    """
    host, colon, port = coordinator.rpartition(":") if isinstance(coordinator, str) else ("", "", "")
    bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if bracketed else host
    well = bare and not set(bare) & set(" /[]@") and bracketed == (":" in bare)
    if not (colon and well and port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        raise InputError(
            f"start: coordinator is {short(coordinator)}, expected HOST:PORT with a port in [1, 65535], such as "
            "10.0.0.1:8476; change coordinator."
        )
    if bare in ("0.0.0.0", "::"):
        raise InputError(
            f"start: coordinator is {short(coordinator)}, expected the address at which the other processes reach "
            "process 0; give that one."
        )
    return bare, int(port)


def launcher(environment: Mapping[str, str]) -> str | None:
    """JAX's name of the launcher that started this process as one of several; None if there is none.

    Examples
    --------
    >>> launcher({"OMPI_MCA_orte_hnp_uri": "1.0;tcp://10.0.0.1:1", "OMPI_COMM_WORLD_SIZE": "4"})
    'ompi'
    """
    slurm = ("SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID")
    if all(name in environment for name in slurm) and _several(environment["SLURM_NTASKS"]):
        return "slurm"
    if _several(environment.get("OMPI_COMM_WORLD_SIZE", "")):
        if "OMPI_MCA_orte_hnp_uri" in environment:
            return "ompi"
        raise InputError(
            f"start: Open MPI started {environment['OMPI_COMM_WORLD_SIZE']} processes, but JAX does not recognise "
            "its version; give coordinator, processes and process_id ($OMPI_COMM_WORLD_RANK)."
        )
    if "KUBERNETES_SERVICE_HOST" in environment and "JOB_COMPLETION_INDEX" in environment:
        return "k8s"  # how many there are, only its server knows
    return None


def _several(count: str) -> bool:
    return count.isdigit() and int(count) > 1


def detected(timeout: float) -> Launch | None:
    """The processes that JAX recognises, if a launcher started several."""
    name = launcher(os.environ)
    if name is None or (
        name == "k8s" and find_spec("kubernetes") is None
    ):  # jax[k8s], without which JAX is blind
        return None
    jax_internals.check()
    try:
        coordinator, processes, process_id, devices = jax_internals.detected(name, timeout)
    except Exception as error:  # of whatever the launcher's environment or server says
        raise InputError(
            f"start: the processes that {name} started are not recognised ({' '.join(str(error).split())[:300]}), "
            "expected what JAX recognises; give coordinator, processes and process_id."
        ) from None
    if processes is None or processes < 2:
        return None
    found = given(coordinator, processes, process_id)
    return Launch(found.host, found.port, found.processes, found.process_id, devices)
