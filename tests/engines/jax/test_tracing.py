"""Code written for NumPy gives the same values, dtypes and changes in place where JAX traces it, or is refused."""

import copy

import hypothesis.extra.numpy as hnp
import jax
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop.engines.jax.tracing import TracedArray
from deltaprop.engines.jax.twins import NotTraceable
from deltaprop.engines.jax.vector import TracedVector


def unwrapped(value):
    """JAX arrays in place of traced ones; NumPy scalars and Python numbers stay."""
    if isinstance(value, TracedArray):
        return value.value
    if isinstance(value, (tuple, list)):
        return [unwrapped(v) for v in value]
    return value


def traced(function, arrays):
    """What a function returns for traced arrays, and what it leaves in them."""

    def program(*values):
        given = [TracedArray(v) for v in values]
        returned = function(*given)
        return unwrapped(returned), [g.value for g in given]

    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, jax.jit(program)(*arrays))


def assert_same(function, *arrays):
    """The same in NumPy, dtypes and changes included."""
    ours, left = traced(function, arrays)
    given = [a.copy() for a in arrays]
    with np.errstate(all="ignore"):
        expected = function(*given)
    expected = list(expected) if isinstance(expected, (tuple, list)) else [expected]
    ours = ours if isinstance(ours, list) else [ours]
    assert len(ours) == len(expected)
    for got, wanted in zip([*ours, *left], [*expected, *given], strict=True):
        assert got.shape == np.shape(wanted)
        if not isinstance(wanted, (int, float, bool)):  # a Python number has no dtype
            assert got.dtype == np.asarray(wanted).dtype
        precise = 1e-5 if np.asarray(wanted).dtype == np.float32 else 1e-13
        np.testing.assert_allclose(got, wanted, rtol=precise, atol=precise)


def assert_refused(function, *arrays, match=None):
    with pytest.raises(NotTraceable, match=match):
        traced(function, arrays)


RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 4)).astype("float32")
B = RNG.standard_normal((3, 4)).astype("float32")
D = RNG.standard_normal((3, 4))
I = RNG.integers(-5, 6, (3, 4))
S = RNG.integers(-5, 6, (3, 4)).astype("int32")
U = RNG.integers(0, 200, (3, 4)).astype("uint8")
M = RNG.random((3, 4)) < 0.5
CUBE = RNG.standard_normal((2, 3, 4)).astype("float32")


# -- types ---------------------------------------------------------------------------------------------------

BINARY = [np.add, np.subtract, np.multiply, np.true_divide, np.maximum, np.floor_divide, np.remainder]
BINARY += [np.less, np.equal, np.arctan2, np.logical_and, np.copysign, np.fmod]


def test_two_arrays_of_any_types_have_numpys_result():
    arrays = [A, D, I, S, U, M]

    def program(*values):
        results = []
        for x in values:
            for y in values:
                for f in BINARY:
                    if x.dtype == y.dtype == bool and f is np.subtract:
                        continue  # which NumPy refuses
                    results.append(f(x, y))
        return results

    assert_same(program, *arrays)


def test_numbers_of_python_are_weak_and_those_of_numpy_are_not():
    def program(a, d, i, s, u, m):
        results = []
        for x in (a, d, i, s, u, m):
            for number in (2, 0.5, True, np.float32(0.5), np.float64(0.5), np.int64(3), np.array(0.25)):
                results += [x * number, number + x, np.where(m, x, number), np.maximum(number, x)]
        return results

    assert_same(program, A, D, I, S, U, M)


def test_a_number_taken_from_an_array_is_weak():
    assert_same(
        lambda a, i: [
            a * a.sum(dtype=np.float64).item(),
            a / i.sum().item(),
            i * i.max().item(),
            i + a[0, 0].item(),
            a * (1 - i[0, 0].item() / 3) ** 2,
            np.where(a > 0, a, a.item(3)),
            a[0, :2] * (a[0, 0].item(), 0.5),
            i[0, :2] * [i[1, 0], 2] + [[i[0, 0]], [1]],
            a.mean(dtype=np.float64).item() + 1,
        ],
        A,
        I,
    )


def test_unary_functions():
    one = [np.exp, np.tanh, np.abs, np.negative, np.sign, np.square, np.cbrt, np.expm1, np.floor, np.rint]
    one += [np.cos, np.log1p, np.isnan, np.isfinite, np.reciprocal, np.positive, np.ceil, np.signbit]
    strange = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.5, 2.5], np.float32)
    assert_same(lambda x: [f(x) for f in one if f is not np.exp], strange)
    assert_same(lambda *values: [f(np.abs(x) + 1) for x in values for f in one], A, D, I, S)
    assert_same(lambda x: [*np.modf(x), *np.divmod(x, 0.7), x // 0.7, x % -0.7, np.round(x, 1)], D)


def test_integers_divided_by_zero_and_their_powers():
    assert_same(lambda i, s: [i // s, i % s, *np.divmod(i, s), np.fmod(s, i), i // 0, i**3, s**2], I, S)
    assert_same(lambda u: [u**2, u + 100, u // 7, 255 - u, u.sum(), u.mean()], U)
    assert_refused(lambda i: 2**i, I, match="exponent may be negative")
    assert_refused(lambda i: i**-1, I, match="exponent may be negative")


@settings(max_examples=40)
@given(st.data())
def test_programs_drawn_at_random(data):
    """Chains of operations on arrays of mixed types, with changes in place and through views."""
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), "shape")
    rng = np.random.default_rng(data.draw(st.integers(0, 99), "seed"))
    kinds = data.draw(
        st.lists(st.sampled_from(["f4", "f8", "i8", "i4", "?"]), min_size=2, max_size=3), "types"
    )
    arrays = [rng.integers(-4, 5, shape).astype(k) for k in kinds]
    steps = data.draw(
        st.lists(st.tuples(st.integers(0, 11), st.integers(0, 9)), min_size=1, max_size=6), "steps"
    )

    def program(*values):
        values = [*values]
        for step, which in steps:
            x, y = values[which % len(values)], values[(which + 1) % len(values)]
            values.append(STEPS[step](x, y))
        return values

    assert_same(program, *arrays)


def _halved_part(x, y):
    part = x[1:]
    part[...] = part * 2
    return x + 0


def _written_through_new_shape(x, y):
    x.reshape(-1)[::2] = 1
    return x * 1


def _written_through_transpose(x, y):
    x.T[0] = y.T[0]
    return x.T


def _scaled(x, y):
    if x.dtype.kind == "f":
        x *= 0.5
    else:
        x |= x
    return x.copy()


STEPS = [
    lambda x, y: x + y,
    lambda x, y: x * 2,
    lambda x, y: np.where(x > 0, x, y),
    lambda x, y: x.sum(axis=0, keepdims=True) + y,
    lambda x, y: np.concatenate([x, y])[: len(x)],
    lambda x, y: np.maximum(x, 0.5),
    lambda x, y: x.mean(axis=-1, keepdims=True) * y,
    lambda x, y: np.clip(x, -1, 2),
    _halved_part,
    _written_through_new_shape,
    _written_through_transpose,
    _scaled,
]


# -- functions -------------------------------------------------------------------------------------------------


def test_reductions_have_numpys_types():
    def program(*values):
        results = []
        for x in values:
            for axis in (None, 0, (0, 1)):
                results += [x.sum(axis=axis), x.prod(axis=axis), x.mean(axis=axis), x.max(axis=axis)]
                results += [
                    np.min(x, axis=axis),
                    x.all(axis=axis),
                    np.any(x, axis=axis),
                    np.std(x, axis=axis),
                ]
            results += [x.var(axis=1, ddof=1), x.cumsum(axis=0), np.cumprod(x, axis=1), x.argmax(axis=1)]
            results += [
                x.sum(dtype=np.float64),
                x.mean(dtype=np.float32),
                np.median(x),
                np.argsort(x, axis=0),
            ]
            results += [np.count_nonzero(x, axis=0), np.add.reduce(x), np.logical_or.reduce(x, axis=1)]
        return results

    assert_same(program, A, D, S, U, M)


def test_functions_that_mix_types():
    def program(a, d, i, s, m):
        results = [np.result_type(x, y).type(1) for x in (a, d, i) for y in (s, m)]
        for x in (a, d, i, s):
            for y in (a, i, s):
                results += [
                    np.concatenate([x, y]),
                    np.stack([x, y], axis=1),
                    np.hstack([x, y]),
                    np.where(m, x, y),
                ]
                results += [np.einsum("ij,ij->i", x, y), x @ y.T, np.dot(x, y.T), np.tensordot(x, y)]
                results += [np.append(x, y), np.vecdot(x, y), np.inner(x, y), np.outer(x, y)]
            results += [np.clip(x, -1, 1), np.clip(x, a_min=0, a_max=None), x.clip(0), np.full_like(x, 0.5)]
            results += [
                np.interp(x, [0, 1], [0.0, 2.0]),
                np.linalg.norm(x),
                np.average(x, axis=0, weights=abs(x) + 1),
            ]
            results += [
                np.tile(x, 2),
                np.repeat(x, 2, axis=0),
                np.roll(x, 1),
                np.pad(x, 1),
                np.diff(x, axis=1),
            ]
            results += [
                np.take(x, [0, 2], axis=1),
                np.take_along_axis(x, np.abs(i) % 3, 0),
                np.sort(x, axis=0),
            ]
            results += [np.zeros_like(x), np.ones_like(x, dtype=int), np.searchsorted(np.sort(x[0]), x[1])]
            results += [np.percentile(x, 30, axis=0), np.trace(x), np.triu(x), np.linspace(x[0], x[1], 3)]
        return results

    assert_same(program, A, D, I, S, M)


def test_linear_algebra_fourier_transforms_and_functions_of_scipy():
    square = (A @ A.T + np.eye(3)).astype("float32")
    assert_same(
        lambda q, d, i: [
            np.linalg.inv(q),
            np.linalg.solve(q, q[0]),
            np.linalg.det(q),
            np.fft.rfft(d, axis=1).real + np.fft.irfft(np.fft.rfft(d)).sum(),
            scipy.special.erfc(d),
            scipy.special.expit(q),
            scipy.special.gammaln(np.abs(d) + 1),
            scipy.special.xlogy(d, np.abs(d)),
            np.add(q, 1, dtype=np.float64),
            np.multiply(q, q, dtype="f8"),
            np.linalg.norm(i, axis=1),
        ],
        square,
        D,
        I,
    )


# -- views and changes in place --------------------------------------------------------------------------------


def in_place(*lines):
    """A program that changes its arrays by these lines and returns what is left in the names r, s and v."""
    code = compile("\n".join(lines), "<lines>", "exec")

    def program(*arrays):
        names = dict(zip("abc", arrays, strict=False)) | {"np": np, "copy": copy}
        exec(code, names)
        return [names[n] for n in "rsv" if n in names]

    return program


@pytest.mark.parametrize(
    "lines",
    [
        ["a[1:3] *= 2", "a[..., 0] = 5", "a[-1, -1] += 1", "a[:, None][0] = 7"],
        ["v = a[0]", "a *= 2", "s = v + 1", "v += 1"],
        ["v = a.T", "v[0] = b[:, 1]", "a[2] = 0"],
        ["v = a.T.reshape(-1)", "v[...] = 0", "a += 1"],  # a copy
        ["v = a.reshape(-1)", "v[::5] = 0", "a += 1"],  # a view
        ["v = a[:, 1:3].ravel()", "v *= 0"],  # a copy
        ["v = np.reshape(a, (4, 3))", "v[1] = 9", "a *= 2"],
        ["v = a.reshape(2, -1)[:, :3]", "v += 1", "r = v.reshape(-1)", "r *= 0"],
        ["v = np.swapaxes(a, 0, 1)", "a *= 2", "v[0, 0] = 0"],
        ["v = np.moveaxis(a[None], 0, 2)", "v[1] = 0", "r = v.squeeze()"],
        ["v = a[:, np.newaxis]", "v *= 2", "r = np.expand_dims(a, 1)", "r += 1"],
        ["r, s = np.split(a, 2, axis=1)", "a *= 2", "v = r + s"],
        ["v = np.flip(a, 0)", "a *= 2"],
        ["v = np.diagonal(a)", "a *= 2"],
        ["r = np.broadcast_to(a[0], (3, 4)) + 0", "a *= 2"],
        ["v = a[[0, 2]]", "a *= 2", "v += 1", "a[[0, 2]] = v", "a[[1, -1], [0, 3]] = 8"],
        ["v = a[np.array([True, False, True])]", "v += 1", "a[np.array([False, True, True])] = v"],
        ["v = a.astype(a.dtype, copy=False)", "v += 1"],
        ["v = a.astype(a.dtype)", "v += 1", "r = copy.copy(a)", "r += 1", "s = copy.deepcopy(a)", "s += 2"],
        ["r = a.sum()", "s = r", "r += 1"],  # a scalar, which += replaces
        ["r = a[1, 2]", "r += 1"],
        ["r = a[1, 2, ...]", "r += 1"],  # an array, which += changes
        ["for row in a:", "    row -= row.max()"],
        ["a[1:] += a[:-1]", "a[:, ::-1] -= a"],
        ["a[a < 0] = 0", "a[b[:, 0] > 0] = 3"],
        ["a.fill(3)", "a += b.astype('float64')", "a -= np.float64(1)"],
        [
            "np.add(a, b, out=a)",
            "np.exp(a, out=a)",
            "np.clip(a, 0, 1, out=b)",
            "np.sum(a, axis=1, out=b[:, 0])",
        ],
        ["np.add.at(a, [0, 0, 2], b)", "np.subtract.at(a, ([1, 1], [0, 0]), 2.0)"],
        ["np.modf(a, out=(a, b))", "np.multiply(a, 2, a)"],
        ["a[...] = b[:1]", "a[0] = b[:1]", "v = a.reshape(3, 2, 2)", "v[:, 0] = b[None, :, :2]"],
        ["v = np.einsum('ij->ji', b * 1).reshape(-1)", "r = v * 2"],
        ["a.swapaxes(0, 1)[...] = b.T", "a.squeeze()[0] = 1", "v = np.atleast_3d(a)", "v *= 2"],
        [
            "v = np.matrix_transpose(a)",
            "v += 1",
            "r = b.mT",
            "r *= 2",
            "s = np.transpose(b, (1, 0))",
            "s += 1",
        ],
        [
            "v = c[1, :, 2:]",
            "v /= 2",
            "c.transpose(2, 0, 1)[3] = 0",
            "r = c.transpose(1, 0, 2).reshape(3, -1)",
            "r -= 1",
        ],
    ],
    ids=lambda lines: "; ".join(lines),
)
def test_changes_in_place_reach_what_they_reach_in_numpy(lines):
    assert_same(in_place(*lines), A, B, CUBE)


def test_an_index_computed_by_the_program():
    assert_same(
        lambda a, i: [
            a[np.abs(i) % 3, 0],
            a[-(np.abs(i[0]) % 3) - 1],
            np.eye(4, dtype=np.float32)[0] * a[i[0, 0] % 3],
        ],
        A,
        I,
    )

    def write(a, i):
        rows = np.argsort(a[:, 0])
        a[rows] = a.copy()
        a[i.argmax() % 3] += 1
        np.add.at(a, np.abs(i[0]) % 3, np.float32(1))
        return a

    assert_same(write, A, I)


def test_a_row_outside_the_array_is_not_another_row():
    got, _ = traced(lambda a, i: a[i], (A, np.array([0, 3])))
    assert np.isnan(got[1]).all()
    assert not np.isnan(got[0]).any()


# -- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "if a.sum() > 0: pass",
        "float(a[0, 0])",
        "int(a.sum())",
        "range(a.argmax())",
        "np.asarray(a)",
        "np.array([a[0], a[1]])",
        "a.tolist()",
        "a[a > 0]",
        "a[a > 0] *= 2",
        "a[a > 0] = b[a > 0]",
        "a[b > 0] = b[0]",
        "np.unique(a)",
        "np.nonzero(a)",
        "np.where(a > 0)",
        "np.add(a, 1, where=a > 0)",
        "np.add.accumulate(a)",
        "np.add.outer(a, a)",
        "np.maximum.at(a, 0, 1)",
        "np.copyto(a, b)",
        "np.nan_to_num(a, copy=False)",
        "a.sort()",
        "a.view('int32')",
        "a.flat[0]",
        "a.strides",
        "a.data",
        "np.add(a, b, out=np.zeros((3, 4)))",
        "np.add(a, b, out=a[0])",
        "c = (a > 0).astype(int); c += 0.5",
        "np.split(a, 2, axis=1)[0][...] = 0",
        "np.flip(a)[0] = 1",
        "v = (a.T * 2); r = v.reshape(-1); r[...] = 0; v + 1",  # NumPy's is a copy or not, as v lies in memory
        "v = (a.T * 2); r = v.reshape(-1); v *= 0; r + 1",
        "np.reshape(a, -1, order='F')",
        "np.shares_memory(a, b)",
        "np.vectorize(lambda x: x)(a)",
        "np.frompyfunc(lambda x: x, 1, 1)(a)",
        "np.lib.stride_tricks.sliding_window_view(a, 2)",
    ],
)
def test_what_needs_values_or_memory_is_refused(line):
    assert_refused(in_place(line), A, B, CUBE)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("a[3]", IndexError),
        ("a[:, -5]", IndexError),
        ("a[[0, 7]]", IndexError),
        ("a[[0, 7]] = 1", IndexError),
        ("np.add.at(a, [5], 1)", IndexError),
        ("a + b[:2]", (ValueError, TypeError)),
        ("a[...] = b[:2]", ValueError),
        ("a.reshape(5, -1)", ValueError),
        ("a.max(axis=2)", ValueError),
        ("a[:0].max()", ValueError),
        ("a[:0].argmin()", ValueError),
        ("len(a.sum())", TypeError),
        ("a.missing", AttributeError),
        ("np.concatenate([a, b[:, :1]])", (ValueError, TypeError)),
    ],
)
def test_what_numpy_refuses_is_refused(line, error):
    with pytest.raises(error):
        in_place(line)(A.copy(), B.copy(), CUBE)
    with pytest.raises(error):
        traced(in_place(line), (A, B, CUBE))


# -- a vector in parts -------------------------------------------------------------------------------------------


def assert_same_vector(program):
    """The same for a vector in three parts as for NumPy's vector."""
    parts = [A, D.astype("float32")[0], B[:, :2]]
    whole, other = np.concatenate([p.ravel() for p in parts]), np.linspace(-1, 1, 22, dtype=np.float32)

    def run(values, flat):
        vector, arrays = TracedVector([TracedArray(v) for v in values]), TracedArray(flat)
        return unwrapped(program(vector, arrays)), vector.value, arrays.value

    with jax.enable_x64(True):
        ours = jax.tree.map(np.asarray, jax.jit(run)(parts, other))
    given = whole.copy(), other.copy()
    expected = program(*given), *given
    flat = [jax.tree.leaves(ours), jax.tree.leaves(expected)]
    for got, wanted in zip(*flat, strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)


def test_a_vector_in_parts_is_a_vector():
    def program(v, w):
        v *= 0.5
        v -= 0.1 * v * np.sqrt(np.abs(v))
        v[12:16] = 1
        v[3:14] += w[3:14]
        np.clip(v, -1, 0.9, out=v)
        np.add(v, w, out=w)
        np.add.at(v, [0, 0, 21], 1)
        v[5] += 2
        v.reshape(2, -1)[1] -= 1
        before = v.copy()
        v[...] = np.where(v > 0, v, 0)
        v[...] = v + w
        results = [before, v.sum(dtype=np.float64), v.max(), -np.min(v), v.mean(), np.sum(v, 0, np.float64)]
        results += [
            v.max(keepdims=True),
            np.sum(v, axis=0, keepdims=True),
            v.astype("float64"),
            v @ w,
            v[12:16],
        ]
        results += [np.linalg.norm(v), *np.modf(v), np.zeros_like(v, shape=(3,)), w * v, np.maximum.reduce(v)]
        return [
            *results,
            np.sign(v) + np.float64(1),
            v.T,
            v.item(3) * v,
            np.dot(v, v),
            v[::-1],
            v.dtype.type(3),
        ]

    assert_same_vector(program)


def test_parts_are_written_to_and_stay_the_vectors():
    def program(v, w):
        part = v[12:16]
        part *= 2
        v += 1
        part[0] = 9
        return part

    assert_same_vector(program)
