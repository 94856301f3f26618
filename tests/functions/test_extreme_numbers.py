"""Numbers of absurd size: refused in one line when an object is made, or computed with; never another exception."""

from contextlib import suppress
from dataclasses import MISSING, fields

import numpy as np
import pytest

from deltaprop import Dense, Network
from deltaprop.errors import InputError
from deltaprop.functions import (
    FUNCTION_CLASSES,
    ActivationFunction,
    Initializer,
    LeakyReLU,
    Loss,
    Normal,
    Schedule,
    Uniform,
    as_schedule,
)
from deltaprop.layers import LAYERS, Activation, Layer
from deltaprop.optimizers import OPTIMIZER_CLASSES
from deltaprop.serialization import from_spec, to_spec

EXTREME = (
    1e200,
    10**400,
    -(10**400),
    10**5000,
    np.float64(1e300),
    3.5e38,
    1e38,
    1e-320,
    np.nan,
    "x",
    None,
    [1],
)
REQUIRED = {
    "columns": 1,
    "categories": (2,),
    "units": 3,
    "steps": 3,
    "schedule": 0.1,
    "function": "relu",
    "layers": (),
}  # the others: 0.5
CLASSES = (*FUNCTION_CLASSES, *LAYERS, *OPTIMIZER_CLASSES)
FIELDS = [
    (cls, field.name)
    for cls in CLASSES
    if cls is not Schedule
    for field in fields(cls)
    if field.init and field.name not in ("units", "layers", "function")
]


def use(obj):
    """Compute with an object, where it is about numbers."""
    x = np.ones((3, 2), np.float32)
    match obj:
        case Schedule():
            assert np.shape(obj.rate([0, 1, 10**6])) == (3,)
        case Initializer():
            Network([Dense(3, init=obj)], 2)
        case ActivationFunction() | Layer():
            layer = obj if isinstance(obj, Layer) else Activation(obj)
            net = Network([layer], 2)
            assert net.forward(x).shape == (3, net.outputs)
        case Loss():
            Network([Dense(2)], 2, obj).value(x, x)


@pytest.mark.filterwarnings(
    "ignore:overflow encountered:RuntimeWarning"
)  # of a value that a float can still hold
@pytest.mark.parametrize(("cls", "name"), FIELDS, ids=lambda v: v if isinstance(v, str) else v.__name__)
def test_an_extreme_number_is_refused_or_used(cls, name):
    required = {f.name: REQUIRED.get(f.name, 0.5) for f in fields(cls) if f.init and f.default is MISSING}
    for value in EXTREME:
        with suppress(InputError):
            use(cls(**required | {name: value}))


@pytest.mark.parametrize("value", [1e200, 3.5e38, 10**400, 10**5000], ids=["1e200", "3.5e38", "400", "5000"])
def test_what_float32_cannot_hold_is_refused(value):
    for make in (LeakyReLU, Normal, Uniform, as_schedule):
        with pytest.raises(InputError, match="expected a number in"):
            make(value)
    with pytest.raises(InputError):
        from_spec(to_spec(LeakyReLU(0.5)) | {"alpha": value}, [LeakyReLU])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_initial_weights_that_are_not_finite_are_refused(dtype):
    """Normal draws beyond three standard deviations: with 3e38 some overflow in float32."""
    layers = [Dense(500, init=Normal(3e38))]
    if dtype == "float64":
        assert np.isfinite(Network(layers, 50, dtype=dtype).theta).all()
        return
    with pytest.raises(
        InputError, match=r"Dense.*: the initial w has entries that are not finite, .*float32"
    ):
        Network(layers, 50, dtype=dtype)
