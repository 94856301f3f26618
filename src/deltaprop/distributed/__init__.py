"""Several processes that train one network together by the JAX engine, on one machine or on many.

Each process runs the same program. `start` brings them together; from then on a process that dies, stops answering or
ends with an error ends all others, each with one line on standard error that names it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError, number, short

if TYPE_CHECKING:
    from .session import Session

__all__ = [
    "SILENCE",
    "agree",
    "broadcast",
    "check_equal",
    "count",
    "fail",
    "gather",
    "index",
    "start",
    "stop",
]

#: Seconds without a sign of life after which a process counts as gone. One that dies is noticed within 3 s.
SILENCE = 20.0

_session: Session | None = None


def start(
    coordinator: str | None = None,
    processes: int | None = None,
    process_id: int | None = None,
    timeout: float = 60.0,
) -> None:
    """Bring the processes together, and JAX's devices of all of them.

    To be called once in each process, before JAX is used. Without arguments it takes what JAX recognises of Slurm, Open
    MPI or Kubernetes, if that started several processes; otherwise it does nothing.

    Parameters
    ----------
    coordinator : str, optional
        ``HOST:PORT`` at which process 0 listens and the others reach it. Nothing listens at any other address than
        those by which processes reach each other: with ``127.0.0.1:PORT``, on loopback only.
    processes : int, optional
        The number of processes, at least 1; of a single one nothing is started.
    process_id : int, optional
        The number of this process, from 0.
    timeout : float, default 60.0
        Seconds to wait for the others.

    Raises
    ------
    InputError
        For arguments that do not fit, for an address at which process 0 cannot listen, for a process that does not
        come within `timeout`, and if JAX was used or `start` called before.

    Notes
    -----
    The connections are neither encrypted nor authenticated, as those of JAX itself: use a network that others cannot
    reach. Besides the coordinator's port, the processes use ports that the system chooses.

    Examples
    --------
    >>> from deltaprop import distributed
    >>> distributed.start("127.0.0.1:8476", processes=1, process_id=0)
    >>> distributed.index(), distributed.count()
    (0, 1)
    """
    from . import launch

    number("start", "timeout", timeout, low=0, open_low=True)
    if coordinator is None and processes is None and process_id is None:
        found = launch.detected(timeout)
    else:
        found = launch.given(coordinator, processes, process_id)
    if found is None or found.processes == 1:
        return
    _begin(found, timeout, SILENCE)


def _begin(found: Any, timeout: float, silence: float) -> None:
    global _session
    if _session is not None:
        raise InputError("start: it was called before, expected one call in a process; remove the second.")
    from . import jax_internals

    jax_internals.check()
    if jax_internals.was_used():
        raise InputError(
            "start: JAX was used in this process before, expected a process in which it was not; call start first."
        )
    from .session import Session

    _session = Session(found, timeout, silence)


def index() -> int:
    """The number of this process, from 0.

    Examples
    --------
    >>> index()
    0
    """
    return 0 if _session is None else _session.launch.process_id


def count() -> int:
    """The number of processes; 1 where none were started.

    Examples
    --------
    >>> count()
    1
    """
    return 1 if _session is None else _session.launch.processes


def gather(obj: Any) -> list[Any]:
    """What each process gives, in their order; all have to call it.

    Parameters
    ----------
    obj : object
        What JSON can hold, up to 1 MB.

    Examples
    --------
    >>> gather({"seconds": 0.5})
    [{'seconds': 0.5}]
    """
    if _session is None:
        return [obj]
    from .frames import LARGEST
    from .hub import GATHER

    data = json.dumps(obj).encode()
    if len(data) > LARGEST:
        raise InputError(f"gather: obj takes {len(data)} bytes, expected at most {LARGEST}; gather less.")
    return [json.loads(part) for part in _session.member.exchange(GATHER, data)]


def agree(value: Any) -> Any:
    """The value of the first process that gives a truthy one, otherwise that of process 0; all have to call it.

    Examples
    --------
    >>> agree(0.25)
    0.25
    """
    if _session is None:
        return value
    values = gather(value)
    return next(filter(None, values), values[0])


def broadcast(data: bytes) -> bytes:
    """The bytes that process 0 gives, of any length; all have to call it, the others with anything.

    Examples
    --------
    >>> broadcast(b"weights")
    b'weights'
    """
    if _session is None:
        return data
    from .frames import LARGEST
    from .hub import BROADCAST

    mine = data if index() == 0 else b""
    (size, *_) = gather(len(data))
    exchange = _session.member.exchange
    return b"".join(exchange(BROADCAST, mine[at : at + LARGEST])[0] for at in range(0, size, LARGEST))


def check_equal(facts: Mapping[str, str]) -> None:
    """Refuse, in every process, facts in which one differs from process 0; all have to call it.

    Before the error is raised the processes part as by `stop`: each ends with its own.

    Parameters
    ----------
    facts : dict of str to str
        Versions, settings, fingerprints of data: what has to be the same everywhere.

    Raises
    ------
    InputError
        Naming the process that differs, the fact, and both values.

    Examples
    --------
    >>> check_equal({"version": "1.0"})
    """
    if _session is None:
        return
    everyone = gather({"host": socket.gethostname(), "facts": dict(facts)})
    first = everyone[0]["facts"]
    for i, other in enumerate(everyone):
        for name in first | other["facts"]:
            theirs, ours = other["facts"].get(name), first.get(name)
            if theirs != ours:
                stop()
                raise InputError(
                    f"process {i} ({other['host']}): {name} is {short(theirs)}, expected {short(ours)}, as in "
                    f"process 0 ({everyone[0]['host']}); make it the same in all processes."
                )


def fail(error: BaseException) -> None:
    """Tell the other processes that this one ends with an error, which ends them; to be called before exiting.

    An exception that nothing catches does so by itself.
    """
    if _session is not None:
        _session.fail(error)


def stop() -> None:
    """Wait until all processes have come to their end, then close the connections; it may be called again.

    A process that exits without an error does so by itself.
    """
    global _session
    if _session is not None:
        session, _session = _session, None
        session.stop()
