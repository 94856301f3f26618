import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Dropout, Network, Residual
from deltaprop.errors import InputError


def test_adds_its_input():
    net = Network([Residual([Dense(2), "relu"])], inputs=2)
    net.layers[0].inside[0].w = [[1, 0], [0, -1]]
    np.testing.assert_array_equal(net.forward([[3, 4]]), [[6, 4]])


def test_of_nothing_doubles():
    np.testing.assert_array_equal(Network([Residual([])], inputs=2).forward([[3, 4]]), [[6, 8]])


def test_delta_passes_unchanged_where_the_block_is_dead():
    net = Network([Residual([Dense(2), "relu"])], inputs=2)
    net.layers[0].inside[0].b = [-100, -100]
    _, d_x = net.vjp([[3, 4]], [[5, 6]])
    np.testing.assert_array_equal(d_x, [[5, 6]])


def test_names_and_numbers_of_nested_layers():
    net = Network([Dense(2), Residual(["tanh", Residual([Dense(2)]), Dense(2)]), Dense(1)], inputs=3)
    assert [(block.name, block.layer) for block in net.layout] == [
        ("0.w", 0),
        ("0.b", 0),
        ("1.1.0.w", 4),
        ("1.1.0.b", 4),
        ("1.2.w", 5),
        ("1.2.b", 5),
        ("2.w", 6),
        ("2.b", 6),
    ]
    assert net.layers[1].inside[1].inside[0].index == 4


def test_two_dropouts_of_one_block_draw_different_masks():
    net = Network([Residual([Dropout(0.5)]), Residual([Dropout(0.5)])], inputs=100, dtype="float64")
    values = np.unique(net.forward(np.ones((10, 100)), training=True))
    np.testing.assert_array_equal(values, [1, 3, 9])  # 1·1, 1·3 and 3·1, 3·3


def test_statistics_inside_are_settled():
    net = Network([Residual([BatchNorm()])], inputs=1, dtype="float64")
    x = np.array([[0.0], [2.0]])
    net.update_running_stats(net.backpropagate(x, x, None, np.empty(2))[1])
    np.testing.assert_allclose(net.buffers, [0.1, 0.9 + 0.1 * 2])


def test_another_width_is_refused():
    message = r"^Residual: layers give 3 outputs, expected as many as inputs: 2; end them with Dense\(2\)\.$"
    with pytest.raises(InputError, match=message):
        Network([Residual([Dense(3), "relu"])], inputs=2)


@pytest.mark.parametrize("layers", ["relu", Dense(2), None, 3])
def test_what_is_no_list_is_refused(layers):
    with pytest.raises(
        InputError, match=r"^Residual: layers is .*, expected a list of layers; put it in brackets"
    ):
        Residual(layers)
