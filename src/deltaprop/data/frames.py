"""Data frames of any library as pandas', and what arrays of texts and mixed entries hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError, short
from .columns import Frame


def is_frame(x: Any) -> bool:
    """Whether x has named columns: a data frame of pandas or polars, a table of Arrow."""
    return hasattr(type(x), "columns")


def as_frame(obj: str, x: Any, names: Sequence[str] | None = None) -> Frame:
    """A frame of any library, or an array, as pandas' with texts as column names; empty texts are missing entries.

    `names` are those of the columns of an array.

    >>> as_frame("x", np.array([["red", 1], ["", 2.5]], dtype=object)).to_dict("list")
    {'x0': ['red', nan], 'x1': [1.0, 2.5]}
    """
    import pandas as pd

    if isinstance(x, pd.DataFrame):
        frame = x
    elif hasattr(x, "__arrow_c_stream__"):
        import pyarrow as pa

        frame = pa.table(x).to_pandas(date_as_object=False)
    elif is_frame(x):
        found = f"x is {type(x).__module__.partition('.')[0]}.{type(x).__name__}"
        raise InputError(f"{obj}: {found}, expected a data frame of pandas or polars; convert it.")
    else:
        x = np.asarray(x)
        names = [f"x{i}" for i in range(x.shape[1])] if names is None else list(names)
        frame = pd.DataFrame(x, columns=pd.Index(names)).infer_objects()
    labels = list(map(str, frame.columns))
    if repeated := [label for label, count in Counter(labels).items() if count > 1]:
        found = f"x names column {short(repeated[0])} twice"
        raise InputError(f"{obj}: {found}, expected distinct names; rename one.")
    frame = frame.set_axis(labels, axis=1)
    for label, dtype in frame.dtypes.items():
        if dtype.kind == "O" or isinstance(dtype, pd.StringDtype):
            empty = (frame[label] == "").to_numpy(bool, na_value=False)
            if empty.any():
                frame[label] = frame[label].mask(empty, None)
    return frame
