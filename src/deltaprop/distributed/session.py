"""The processes of one computation, from `start` to `stop`: the hub, the connection to it, and JAX among them."""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import numpy as np

from ..errors import InputError
from . import frames, jax_internals
from .hub import STOP, Hub
from .launch import Launch
from .member import Member, reason
from .relay import relay

T = TypeVar("T")


class Session:
    """This process among the others."""

    def __init__(self, launch: Launch, timeout: float, silence: float) -> None:
        self.launch, self.silence, self.over = launch, silence, False
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_forever, name="deltaprop-distributed", daemon=True
        )
        self.thread.start()
        try:
            self._come_together(timeout)
        except BaseException:
            self._close()
            raise
        self._hook = sys.excepthook
        sys.excepthook = self._on_error
        atexit.register(self.stop)
        try:
            self._start_jax(timeout)
        except RuntimeError as error:
            self.fail(error)
            raise InputError(
                f"start: JAX does not bring its devices together ({_first_line(error)}), expected devices of the same "
                "kind in all processes, which reach each other; check jax.devices() in each."
            ) from None
        except BaseException as error:
            self.fail(error)
            raise

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine on the thread's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def _come_together(self, timeout: float) -> None:
        launch = self.launch
        if launch.process_id == 0:
            listener = _listen(launch)
            self.bind = listener.getsockname()[0]
            hub = Hub(launch.processes, self.silence, {"port": _free_port(self.bind)})
            self.hub = asyncio.run_coroutine_threadsafe(hub.run(listener, timeout), self.loop)
        self.member = Member(self.loop, launch.process_id, launch.processes, self.silence)
        host = self.bind if launch.process_id == 0 else launch.host
        facts = self._run(self.member.join(host, launch.port, timeout))
        self.port = facts["port"]

    def _start_jax(self, timeout: float) -> None:
        """JAX's own connections: its coordination service in process 0, the collectives of its devices."""
        import jax
        from jax.extend.backend import register_backend_factory

        options = jax_internals.options()
        # The first would take SIGTERM; the second would warn of proxies, which are bypassed.
        for option in {"jax_enable_preemption_service", "jax_check_proxy_envs"} & set(options):
            jax.config.update(option, False)
        if options.get("jax_cpu_collectives_implementation") == "gloo":
            client = partial(jax_internals.cpu_client, self.member.address)
            register_backend_factory("cpu", client, fail_quietly=False)
        _bypass_proxies()
        self.relay = self._run(relay(self.member.hub_address, self.port))
        jax.distributed.initialize(
            _join(*self.relay.sockets[0].getsockname()),
            self.launch.processes,
            self.launch.process_id,
            self.launch.devices,
            cluster_detection_method="deactivate",
            initialization_timeout=max(int(timeout), 60),  # all are there
            heartbeat_timeout_seconds=100,  # of its own, longer than ours
            coordinator_bind_address=_join(self.bind, self.port) if self.launch.process_id == 0 else None,
        )
        with quiet_output():  # Gloo tells of its connections when they are made
            self._connect_devices()

    def _connect_devices(self) -> None:
        """A first sum over one device of each process, as JAX compares values between them, and over all devices."""
        import jax
        from jax.experimental.multihost_utils import sync_global_devices
        from jax.sharding import Mesh, NamedSharding, PartitionSpec

        sync_global_devices("deltaprop")
        mesh = Mesh(np.array(jax.devices()), ("devices",))
        split, whole = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in (["devices"], []))
        ones = jax.make_array_from_callback((mesh.size,), split, lambda _: np.ones(1, np.float32))
        jax.jit(lambda x: x.sum(), out_shardings=whole)(ones).block_until_ready()

    def stop(self) -> None:
        """Wait until all processes come to their end, then close the connections."""
        if self.over:
            return
        self.over = True
        self.member.exchange(STOP)
        import jax

        jax.distributed.shutdown()
        self.member.leave(frames.BYE)
        self._forget()
        self.loop.call_soon_threadsafe(self.relay.close)
        self._close()

    def fail(self, error: BaseException) -> None:
        """Tell the others that this process ends with `error`; they end, and this one goes on to its own end."""
        if self.over:
            return
        self.over = True
        if _from_connections(error):  # most likely since another is gone: the hub will say which
            time.sleep(self.silence + 5)
        line = ": ".join(filter(None, [type(error).__name__, _first_line(error)]))
        self.member.leave(frames.FAILURE, line.encode()[: frames.SHORT], timeout=5.0)
        self._forget()
        jax_internals.abandon()  # and its relay goes on

    def _forget(self) -> None:
        atexit.unregister(self.stop)
        sys.excepthook = self._hook

    def _close(self) -> None:
        self._run(_cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def _on_error(self, kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        hook = self._hook
        self.fail(error)
        hook(kind, error, traceback)


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.01)  # for transports to close


def _listen(launch: Launch) -> socket.socket:
    """A socket that listens at the coordinator's address, and at no other."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            launch.host, launch.port, type=socket.SOCK_STREAM
        )[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(launch.processes)
    except OSError as error:
        raise InputError(
            f"start: process 0 cannot listen at {launch.host}:{launch.port} "
            f"({reason(error)}), expected an address of this machine and a free port; "
            "change coordinator."
        ) from None
    return listener


def _free_port(address: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def _join(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _bypass_proxies() -> None:
    """JAX's client would reach even the relay, on this machine, through a proxy that the environment names."""
    bypassed = os.environ.get("no_grpc_proxy") or os.environ.get("no_proxy")  # noqa: SIM112
    os.environ["no_grpc_proxy"] = ",".join(filter(None, [bypassed, "127.0.0.1"]))  # noqa: SIM112


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


def _from_connections(error: BaseException) -> bool:
    """Whether an error may come from a connection between devices that broke."""
    chain = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) and before not in chain:
        chain.append(before)
    words = ("Gloo", "NCCL", "UNAVAILABLE", "DEADLINE_EXCEEDED")
    return any(word in str(one) for one in chain for word in words)


@contextmanager
def quiet_output() -> Iterator[None]:
    """Standard output goes nowhere, that of compiled code too."""
    sys.stdout.flush()
    saved, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)
