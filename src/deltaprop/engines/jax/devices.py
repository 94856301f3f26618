"""The devices of all processes, and where arrays lie on them."""

from __future__ import annotations

from functools import cache
from math import gcd
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


def by_rows(rows: int, axis: int = 0) -> NamedSharding:
    """Arrays with that many rows on `axis`, divided among as many of the devices as divide them equally."""
    devices = np.array(jax.devices())
    shares = gcd(rows, devices.size)
    mesh = Mesh(devices.reshape(shares, -1), ("batch", "copies"))
    if 1 < shares < devices.size and jax.process_count() > 1:
        _connect(mesh)
    return NamedSharding(mesh, PartitionSpec(*[None] * axis, "batch"))


@cache
def _connect(mesh: Mesh) -> None:
    """Let the devices that share a batch connect, of which Gloo would tell in the middle of a fit."""
    from ...distributed.session import quiet_output

    ones = put(np.ones(mesh.shape["batch"]), NamedSharding(mesh, PartitionSpec("batch")))
    with quiet_output():
        jax.block_until_ready(jax.jit(jnp.sum, out_shardings=whole())(ones))


def whole() -> NamedSharding:
    """Arrays of which every device has a copy."""
    return NamedSharding(Mesh(np.array(jax.devices()), ("batch",)), PartitionSpec())


def put(arrays: Any, sharding: NamedSharding) -> Any:
    """Arrays of the host, also in containers, on the devices; each process gives the parts of its own devices."""
    if jax.process_count() == 1:
        return jax.device_put(arrays, sharding)
    return jax.tree.map(
        lambda a: jax.make_array_from_callback(np.shape(a), sharding, np.asarray(a).__getitem__), arrays
    )


def fetch(arrays: Any) -> Any:
    """Arrays of which every device has a copy, also in containers, on the host."""
    return jax.device_get(arrays)


def copies(arrays: Any) -> Any:
    """Arrays of the host, also in containers, of which every device gets a copy."""
    return put(arrays, whole())


def room() -> int:
    """Bytes of samples that may lie on a device: a third of its memory, where that is known."""
    stats = jax.local_devices()[0].memory_stats() or {}
    return stats.get("bytes_limit", 12 << 30) // 3


def readable(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The array itself where JAX has its dtype, otherwise in `dtype`: of another byte order, or longer than 64 bits."""
    return array if array.dtype.isnative and array.dtype.itemsize <= 8 else array.astype(dtype)


def padded(array: np.ndarray, length: int) -> np.ndarray:
    """The array with zeros after its last row, `length` rows in all."""
    if len(array) == length:
        return array
    result = np.zeros((length, *array.shape[1:]), array.dtype)
    result[: len(array)] = array
    return result
