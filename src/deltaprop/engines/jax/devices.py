"""The devices of all processes, and where arrays lie on them."""

from __future__ import annotations

from math import gcd
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


def by_rows(rows: int, axis: int = 0) -> NamedSharding:
    """Arrays with that many rows on `axis`, divided among as many of the devices as divide them equally."""
    devices = np.array(jax.devices())
    shares = gcd(rows, devices.size)
    mesh = Mesh(devices.reshape(shares, -1), ("batch", "copies"))
    return NamedSharding(mesh, PartitionSpec(*[None] * axis, "batch"))


def whole() -> NamedSharding:
    """Arrays of which every device has a copy."""
    return NamedSharding(Mesh(np.array(jax.devices()), ("batch",)), PartitionSpec())


def put(array: Any, sharding: NamedSharding) -> jax.Array:
    """An array of the host on the devices; each process gives the parts of its own devices."""
    if jax.process_count() == 1:
        return jax.device_put(array, sharding)
    array = np.asarray(array)
    return jax.make_array_from_callback(array.shape, sharding, lambda part: array[part])


def fetch(array: jax.Array) -> np.ndarray:
    """An array of which every device has a copy, on the host."""
    return np.asarray(array.addressable_data(0))
