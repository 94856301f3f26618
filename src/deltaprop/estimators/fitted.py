"""What a fitted estimator can do: show and take weights, be pickled, predict."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import batching
from ..data.decorrelation import Decorrelated
from ..data.transforms import Table
from ..engines import Evaluator
from ..functions import MemberLoss
from ..layers import chain
from ..network import Network
from . import architecture, scaling, tables


class FittedNetwork(BaseEstimator):
    """An estimator with a `Network` in it."""

    network_: Network
    coefs_: list[np.ndarray]
    intercepts_: list[np.ndarray]
    preprocessing_: Table | Decorrelated | None
    _views: tuple[list[np.ndarray], list[np.ndarray]]
    _ends: tuple[int, ...]  # for each hidden layer, the number of layers of the network up to its end

    @property
    def _table(self) -> Table | Decorrelated | None:
        """What was learned of the columns, where `preprocessing` asked for it."""
        return self.__dict__.get("preprocessing_")

    def _scaled(self, X: Any, dtype: np.dtype) -> Any:
        """X as a network of that dtype takes it; numbers are rounded to it after they are scaled."""
        if self._table is not None:
            return self._table.transform(type(self).__name__, X)
        scaler = self.__dict__.get("input_scaler_")
        return as_rows(X, dtype) if scaler is None else scaling.transform(scaler, X, dtype)

    def _show(self) -> None:
        """Make ``coefs_`` and ``intercepts_`` views of the network, as (inputs, units) and (units,)."""
        views = architecture.dense(self.network_.layers)
        coefs, intercepts = ([architecture.shown(p, name) for p in views] for name in "wb")
        self.coefs_, self.intercepts_ = list(coefs), list(intercepts)
        self._views = (coefs, intercepts)

    def _synced(self) -> Network:
        """The network, with whatever arrays were put into ``coefs_`` and ``intercepts_`` since training."""
        owner, changed = type(self).__name__, False
        for name, parameter, views in zip(("coefs_", "intercepts_"), "wb", self._views, strict=True):
            arrays = self.__dict__.get(name, views)
            if len(arrays) != len(views) or any(a is not v for a, v in zip(arrays, views, strict=True)):
                architecture.set_weights(owner, name, self.network_.layers, parameter, arrays)
                changed = True
        if changed:
            self._show()
        return self.network_

    def __getstate__(self) -> dict[str, Any]:
        if "network_" in self.__dict__:
            self._synced()
        state: dict[str, Any] = dict(super().__getstate__())  # type: ignore[call-overload]
        if "network_" in state:  # views, which `_show` makes again
            state = {k: v for k, v in state.items() if k not in ("coefs_", "intercepts_", "_views")}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "network_" in self.__dict__:
            self._show()

    def _with_network(self, network: Network) -> Any:
        """This estimator with another network, for scorers during training."""
        other = object.__new__(type(self))
        hidden = ("coefs_", "intercepts_", "_views", "feature_names_in_", "_sklearn_output_config")
        other.__dict__.update({k: v for k, v in self.__dict__.items() if k not in hidden}, network_=network)
        other._views = ([], [])
        if self._table is not None:  # whose results the scorer has
            other.__dict__ |= {"preprocessing_": None, "n_features_in_": network.inputs}
        return other

    # -- prediction ----

    def _z(self, X: Any) -> np.ndarray:
        """The outputs before the output map, (n, outputs), for X as the user gives it; of an ensemble the average."""
        z, loss = self._z_of_members(X), self.network_.loss
        return loss.average(z) if isinstance(loss, MemberLoss) else z

    def _z_of_each(self, X: Any) -> np.ndarray:
        """The outputs of each member, (members, n, outputs); of a network that is none, of one."""
        z = self._z_of_members(X)
        return z.reshape(len(z), self.network_.loss.members, -1).transpose(1, 0, 2)

    def _z_of_members(self, X: Any) -> np.ndarray:
        """The outputs of all members side by side."""
        network = self._fitted()
        if self.__dict__.get("engine", "auto") == "numpy":
            return Evaluator(network).forward(self._samples(X))
        x = self._at_once(X)
        if x is not None and (z := network.evaluator.try_forward(x, mapped=False)) is not None:
            return z
        return network.forward(self._rows(X, network.dtype))

    def _at_once(self, X: Any) -> np.ndarray | None:
        """The inputs of the network, where this and `try_forward` check of X what scikit-learn would.

        Its checks take longer than predicting a few rows.
        """
        attributes = self.__dict__
        named, scaled = "feature_names_in_" in attributes, attributes.get("input_scaler_") is not None
        if type(X) is not np.ndarray or X.size == 0 or named or scaled:
            return None
        return X if self._table is None else self._table.try_numbers(X)

    def _fitted(self) -> Network:
        check_is_fitted(self, "network_")
        return self._synced()

    def _rows(self, X: Any, dtype: np.dtype) -> Any:
        if self._table is not None:
            return self._scaled(tables.read(self, X, reset=False), dtype)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype="numeric", reset=False)
        return self._scaled(as_numbers(X), dtype)

    def _samples(self, X: Any) -> Any:
        """`_rows`, refused where a number is beyond the range of the network's dtype."""
        network = self.network_
        return batching.samples("Network", self._rows(X, network.dtype), network.inputs, network.dtype)

    def transform_hidden(self, X: Any, layer: int = -1) -> Any:
        """The activations of a hidden layer.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        layer : int
            Number of the hidden layer, from 0; negative ones count from the last.

        Returns
        -------
        a : ndarray or data frame of shape (n_samples, units)
            A data frame where ``set_output`` or scikit-learn's configuration ask for one.

        Raises
        ------
        ValueError
            If there is no such layer.
        """
        network = self._fitted()
        if not -len(self._ends) <= layer < len(self._ends):
            raise ValueError(
                f"{type(self).__name__}: layer={layer}, but the hidden layers are 0 to {len(self._ends) - 1}."
            )
        x, views = self._samples(X), network.layers[: self._ends[layer]]
        units = chain.width([view.layer for view in views], network.inputs)
        a = batching.map_rows(
            lambda rows: chain.forward(views, rows, chain.new_cache(views, False, 0, 0)),
            x,
            units,
            network.dtype,
        )
        return _framed(self, a, X, layer % len(self._ends))

    def set_output(self, *, transform: str | None = None) -> Any:
        """The container that `transform_hidden` returns: "default", "pandas" or "polars"; None changes nothing."""
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        table = getattr(self, "preprocessing", None) is not None
        tags.input_tags.sparse = not table
        tags.input_tags.allow_nan = tags.input_tags.categorical = table
        return tags


def as_numbers(X: Any) -> Any:
    """X, refused unless it holds numbers; rows can be taken of the result."""
    if X.dtype.kind not in "biuf":
        raise ValueError(
            f"X has dtype {X.dtype}, expected numbers; turn dates and durations into numbers first."
        )
    return X.tocsr() if issparse(X) else X  # type: ignore[attr-defined]


def as_rows(X: Any, dtype: np.dtype) -> Any:
    """Numbers in a type that the engines read (bytes stay bytes)."""
    return X if X.dtype in (np.float32, np.float64, np.uint8) else X.astype(dtype)


def _framed(estimator: Any, a: np.ndarray, X: Any, layer: int) -> Any:
    """The array in the container that is configured for transformers."""
    from sklearn.utils._set_output import ADAPTERS_MANAGER, _get_output_config

    container = _get_output_config("transform", estimator)["dense"]
    if container == "default":
        return a
    names = [f"{type(estimator).__name__.lower()}_layer{layer}_{j}" for j in range(a.shape[1])]
    return ADAPTERS_MANAGER.adapters[container].create_container(a, X, columns=names)
