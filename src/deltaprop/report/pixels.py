"""Arrays as PNG images inside a page."""

from __future__ import annotations

import base64
import io

import numpy as np


def png(pixels: np.ndarray) -> str:
    """Gray pixels (height, width) as the URI of a PNG; black is 0 or the minimum below it, white the maximum."""
    from PIL import Image  # only pages with images need it

    low, high = min(0.0, float(np.min(pixels))), float(np.max(pixels)) or 1.0
    gray = np.clip(256 * (np.asarray(pixels, float) - low) / (high - low), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(gray).save(buffer, "png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
