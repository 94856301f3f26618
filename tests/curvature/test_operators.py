"""Hessian, Gauss–Newton matrix and Jacobian against JAX's automatic differentiation: every layer × activation.

Each with three of the losses; over the activations every layer, and over the layers every activation, meets all losses.
JAX compiles one program for each structure, in which the activation is a weighted sum of all, and one for the losses.
"""

from functools import cache, partial

import jax
import numpy as np
import oracle
import pytest
from scipy.sparse import csr_array
from structures import INPUTS, KINDS, LOSSES, MODES, PENALTY, PRODUCT, SEED, fed, network

from deltaprop import Dense, Network, Residual
from deltaprop.curvature import FiniteDifferences, GaussNewton, Hessian, Jacobian
from deltaprop.engines.evaluator import Evaluator
from deltaprop.errors import InputError
from deltaprop.functions.penalties import Penalty

WIDTH, SAMPLES, STEP = 2, 5, 3
MARGIN = 1e-3  # no pre-activation and no error is closer to a kink than this


@cache
def program(kind, training):
    """JAX's z(theta), its Jacobian, and the Hessian of Σ d_z ⊙ z, of the structure `kind` with a sum of activations."""
    functions = oracle.ACTIVATIONS.values()
    layout = network(KINDS[kind]("identity", WIDTH)).layout

    @jax.jit
    def run(which, theta, statistics, x, d_z):
        layers = KINDS[kind](lambda z: sum(w * f(z) for w, f in zip(which, functions, strict=True)), WIDTH)
        mode = {"training": training, "seed": SEED, "step": STEP, "buffers": statistics}

        def outputs(theta):
            parameters = {f"{b.layer}.{b.parameter}": theta[b.slice].reshape(b.shape) for b in layout}
            return oracle.forward(layers, parameters, x, **mode)

        def pull(theta, d_z):
            return jax.grad(lambda theta: (d_z * outputs(theta)).sum())(theta)

        second, jacobian = jax.jacfwd(pull, (0, 1))(theta, d_z)
        return outputs(theta), jacobian.reshape(theta.size, -1).T, second

    return run


@partial(jax.jit, static_argnames="loss")
def derivatives(loss, z, t, sample_weight):
    """The gradient by z of the loss's weighted mean over the samples, and the Hessian."""

    def mean(z):
        return oracle.weighted_mean(oracle.LOSSES[loss](z, t), sample_weight)

    return jax.grad(mean)(z), jax.hessian(mean)(z).reshape(z.size, z.size)


class Case:
    """One structure with one activation at random weights, data and targets away from kinks."""

    def __init__(self, kind, function, training):
        self.kind, self.training = kind, training
        self.mode = {"training": training, "step": STEP}
        self.rng = np.random.default_rng(list(f"{kind} {function} {training}".encode()))
        self.which = np.array([name == function for name in oracle.ACTIVATIONS], float)
        self.net = network(KINDS[kind](function, WIDTH))
        self.sample_weight = self.rng.uniform(0.2, 3, SAMPLES)
        for _ in range(1000):
            self.net.theta = self.rng.normal(scale=0.7, size=self.net.theta.size)
            self.net.buffers[:] = self.rng.uniform(0.5, 2, self.net.buffers.size)
            self.x = self.rng.normal(size=(SAMPLES, INPUTS))
            self.z = self.net.forward(self.x, **self.mode)
            if self.distance_to_kinks(function) > MARGIN:
                break
        else:
            raise RuntimeError(f"{kind}, {function}: no data away from kinks")
        turn = list(KINDS).index(kind) + list(oracle.ACTIVATIONS).index(function)
        self.targets = {loss: self.target(loss) for loss in LOSSES[turn % 3 :: 3]}
        self.dense = LOSSES[turn % len(LOSSES)]  # one of them, for the dense matrices

    def distance_to_kinks(self, function):
        if function not in oracle.KINKED_ACTIVATIONS:
            return np.inf
        cache = self.net.new_cache(**self.mode)
        self.net.run_forward(self.x, cache)
        return min((np.abs(z).min() for z in fed(self.net.layers, cache)), default=np.inf)

    def target(self, loss):
        match loss:
            case "softmax_cross_entropy":
                return self.rng.dirichlet(np.ones(self.z.shape[1]), SAMPLES)
            case "sigmoid_cross_entropy":
                return self.rng.uniform(size=self.z.shape)
            case "perceptron":
                return self.rng.integers(0, 2, self.z.shape).astype(float)
            case "hinge":
                return self.rng.choice([-1.0, 1.0], self.z.shape)
            case "poisson":
                return self.rng.poisson(1.5, self.z.shape).astype(float)
        t = self.rng.normal(size=self.z.shape)
        while (close := oracle.kinks(loss, self.z, t) < MARGIN).any():
            t[close] = self.rng.normal(size=close.sum())
        return t

    def oracle(self):
        """For each of its losses: the Jacobian, the Hessian and the Gauss–Newton matrix."""
        statistics = {f"{b.layer}.{b.parameter}": b.of(self.net.buffers) for b in self.net.buffer_layout}
        run = partial(program(self.kind, self.training), self.which, self.net.theta, statistics, self.x)
        weighs = [b.penalized * np.ones(b.size) for b in self.net.layout]
        penalty = PENALTY["l2"] * np.diag(np.concatenate(weighs))
        matrices = []
        for loss, t in self.targets.items():
            d_z, curvature = derivatives(loss, self.z, t, self.sample_weight)
            z, jacobian, second = map(np.asarray, run(d_z))
            np.testing.assert_allclose(self.z, z, rtol=1e-12, atol=1e-14)
            gauss_newton = jacobian.T @ curvature @ jacobian + penalty
            matrices.append((jacobian, gauss_newton + second, gauss_newton))
        return matrices

    def by_numpy(self, loss, v):
        """H v and G v by the layers' own code, where the operators may use the compiled core."""
        self.net.loss = loss
        evaluator, t = Evaluator(self.net), self.net.encode(self.targets[loss])
        for product in (evaluator.hvp, evaluator.gauss_newton_vp):
            yield product(self.x, t, v, self.sample_weight, **self.mode)

    def operators(self, loss):
        self.net.loss = loss
        batch = self.x, self.targets[loss], self.sample_weight
        hessian, gauss_newton = (
            Hessian(self.net, *batch, **self.mode),
            GaussNewton(self.net, *batch, **self.mode),
        )
        return Jacobian(self.net, self.x, **self.mode), hessian, gauss_newton


def check(got, wanted, what, tolerance=1e-10):
    """The largest error against the largest entry of the wanted array; zero is zero up to rounding."""
    error, size = np.abs(got - wanted).max(), np.abs(wanted).max()
    assert error <= max(tolerance * size, 1e-13), f"{what}: error {error:.3g}, the largest entry {size:.3g}"


@pytest.mark.parametrize(("kind", "function"), PRODUCT)
def test_products_and_dense_matrices_equal_autodiff(kind, function):
    for training in MODES.get(kind, (False,)):
        case = Case(kind, function, training)
        v, u = case.rng.normal(size=case.net.theta.size), case.rng.normal(size=case.z.size)
        for loss, wanted in zip(case.targets, case.oracle(), strict=True):
            where = f"{kind}, {function}, {loss}, {'training' if training else 'inference'}"
            operators = case.operators(loss)
            for name, matrix, operator in zip(("J", "H", "G"), wanted, operators, strict=True):
                check(operator @ v, matrix @ v, f"{where}: {name} v")
                if loss == case.dense:
                    check(operator.dense(), matrix, f"{where}: dense {name}")
            for name, matrix, product in zip(("H", "G"), wanted[1:], case.by_numpy(loss, v), strict=True):
                check(product, matrix @ v, f"{where}: {name} v by NumPy")
            check(operators[0].T @ u, wanted[0].T @ u, f"{where}: Jᵀ u")
            check(operators[2].diagonal(), np.diag(wanted[2]), f"{where}: diagonal of G")


# ------------------------------------------------------------------------------------------- beyond the products


@pytest.fixture
def data():
    rng = np.random.default_rng(2)
    net = Network(
        [Dense(4), "tanh", Residual([Dense(4), "tanh"]), Dense(3)],
        inputs=2,
        loss="softmax_cross_entropy",
        penalty=Penalty(l2=0.1),
        dtype="float64",
    )
    return net, rng.normal(size=(9, 2)), rng.integers(0, 3, 9)


@pytest.mark.parametrize("kind", [Hessian, GaussNewton, FiniteDifferences, Jacobian])
def test_a_block_is_the_part_of_one_layer(data, kind):
    net, *batch = data
    batch = batch[:1] if kind is Jacobian else batch
    whole = kind(net, *batch)
    matrix = whole.dense()
    for layer, part in {0: slice(0, 12), "0": slice(0, 12), "2": slice(12, 32), "2.0": slice(12, 32)}.items():
        block = kind(net, *batch, layer=layer)
        wanted = matrix[:, part] if kind is Jacobian else matrix[part, part]
        assert block.shape == wanted.shape
        np.testing.assert_allclose(block.dense(), wanted, atol=1e-9)
        np.testing.assert_allclose(whole.block(layer) @ np.ones(block.size), wanted.sum(axis=1), atol=1e-8)
        np.testing.assert_allclose(block.T @ np.ones(len(wanted)), wanted.sum(axis=0), atol=1e-8)
        if kind is not Jacobian:
            np.testing.assert_allclose(block.diagonal(), np.diag(wanted), atol=1e-9)
    assert whole.shape == matrix.shape


def test_finite_differences_agree_with_the_exact_hessian(data):
    exact, differences = Hessian(*data).dense(), FiniteDifferences(*data).dense()
    np.testing.assert_allclose(differences, exact, atol=1e-8)
    assert not (FiniteDifferences(*data) @ np.zeros(47)).any()


def test_chunks_of_samples_add_up(data, monkeypatch):
    net, x, t = data
    batch = x, t, np.linspace(0, 2, 9)
    wanted = [kind(net, *batch).dense() for kind in (Hessian, GaussNewton)] + [Jacobian(net, x).dense()]
    monkeypatch.setattr("deltaprop.batching.CHUNK", 4)
    monkeypatch.setattr("deltaprop.curvature.operators.CHUNK_BYTES", 4 * 8 * 47 * 3)
    operators = Hessian(net, *batch), GaussNewton(net, *batch), Jacobian(net, x)
    for operator, matrix in zip(operators, wanted, strict=True):
        np.testing.assert_allclose(operator.dense(), matrix, atol=1e-14)
        np.testing.assert_allclose(operator @ np.ones(47), matrix.sum(axis=1), atol=1e-13)
    np.testing.assert_allclose(operators[2].T @ np.ones(27), wanted[2].sum(axis=0), atol=1e-13)


def test_rows_of_a_sparse_matrix(data):
    net, x, t = data
    x = np.where(np.abs(x) < 0.5, 0, x)
    for kind in (Hessian, GaussNewton):
        np.testing.assert_allclose(kind(net, csr_array(x), t).dense(), kind(net, x, t).dense(), atol=1e-15)
    np.testing.assert_allclose(Jacobian(net, csr_array(x)).dense(), Jacobian(net, x).dense(), atol=1e-15)


def test_the_operator_keeps_the_weights_it_was_made_with_in_double_precision(data):
    net, x, t = data
    single = net.astype("float32")
    hessian = Hessian(single, x, t)
    wanted = Hessian(single.astype("float64"), x, t).dense()
    single.theta = np.zeros(47)
    np.testing.assert_array_equal(hessian.dense(), wanted)
    assert wanted.dtype == np.float64


def test_symmetric_operators_are_their_own_transpose(data):
    hessian = Hessian(*data)
    assert hessian.T is hessian
    assert hessian.H is hessian
    matrix = hessian.dense()
    np.testing.assert_array_equal(matrix, matrix.T)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layer": 1}, "layer is 1, expected one that has parameters: 0, 2, 2.0, 3; choose one"),
        ({"layer": "9"}, "layer is '9', expected one"),
        ({"layer": [0]}, "layer is"),
        ({"step": -1}, "step is -1, expected an integer"),
        ({"sample_weight": [1.0]}, "sample_weight has shape"),
    ],
)
def test_bad_arguments_are_refused(data, options, words):
    for kind in (Hessian, GaussNewton):
        with pytest.raises(InputError, match=f"^{kind.__name__}: {words}"):
            kind(*data, **options)


def test_a_dense_matrix_that_is_too_large_is_refused(data):
    words = r"^Hessian: dense has 47 × 47 entries, which take .* GiB, expected at most max_bytes=9.*e-06 GiB"
    with pytest.raises(InputError, match=words):
        Hessian(*data).dense(max_bytes=10_000)
    with pytest.raises(InputError, match=r"^Jacobian: dense has 27 × 47 entries"):
        Jacobian(*data[:2]).dense(max_bytes=10_000)


def test_the_product_of_a_network(data):
    net, x, t = data
    v, weight = np.linspace(-1, 1, 47), np.arange(9.0)
    np.testing.assert_allclose(net.hvp(x, t, v, weight), Hessian(net, x, t, weight) @ v, rtol=1e-12)
    assert net.astype("float32").hvp(x, t, v).dtype == np.float32
    with pytest.raises(InputError, match=r"^Network: v has shape \(46,\), expected \(47,\)"):
        net.hvp(x, t, v[1:])
    with pytest.raises(InputError, match=r"^Network: v has nan at \[0\]"):
        net.hvp(x, t, np.full(47, np.nan))
