"""Pixels stand inside the page."""

import base64
import io

import numpy as np
import pytest
from matplotlib.image import imread

from deltaprop.report.pixels import png


@pytest.mark.parametrize(
    ("pixels", "gray"),
    [
        (np.array([[0, 255], [255, 0]], np.uint8), [[0, 1], [1, 0]]),
        (np.zeros((2, 2)), [[0, 0], [0, 0]]),
        (np.array([[-1.0, 1.0]]), [[0, 1]]),
    ],
)
def test_pixels_become_a_png_in_the_page(pixels, gray):
    start, _, data = png(pixels).partition(",")
    assert start == "data:image/png;base64"
    read = imread(io.BytesIO(base64.b64decode(data)))
    np.testing.assert_array_equal(read, gray)
