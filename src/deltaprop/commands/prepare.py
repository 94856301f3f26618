"""From settings to data, preprocessing and a network: by the settings alone, so that a run can be repeated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .. import engines
from ..data import Dataset, Preprocessing, known_name, load, split
from ..network import Network
from ..optimizers import Optimizer
from . import defaults
from .settings import Settings


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a run starts from.

    Attributes
    ----------
    settings : Settings
        With nothing left to be chosen.
    dataset : Dataset
        All of it, as it was read.
    parts : dict of str to Dataset
        ``"train"``, and ``"validation"`` and ``"test"`` where there are any.
    preprocessing : Preprocessing
        Learned on the training part alone.
    network : Network
        With its initial weights.
    optimizer : Optimizer
        With a schedule as long as the training.
    """

    settings: Settings
    dataset: Dataset
    parts: dict[str, Dataset]
    preprocessing: Preprocessing
    network: Network
    optimizer: Optimizer

    def x(self, part: str) -> np.ndarray:
        """The inputs of a part as the network takes them, float32 (n, inputs)."""
        return self.preprocessing.transform(self.parts[part].x, name=f"{self.dataset.name} ({part})")

    def t(self, part: str) -> np.ndarray:
        """The targets of a part as the loss takes them."""
        return self.preprocessing.encode_target(self.parts[part].t)


def prepare(settings: Settings) -> Prepared:
    """Load and split the data, learn the preprocessing, fill in what the settings leave open, make the network.

    Raises
    ------
    InputError
        If the data or an option cannot be used; nothing has been written by then.
    """
    dataset = read(settings)
    settings = defaults.sharing(settings, len(dataset), fixed_test=dataset.test is not None)
    parts = split(dataset, validation=settings.validation, test=settings.test, seed=settings.seed)
    # The mean of counts cannot be moved: a Poisson loss needs them as they are.
    preprocessing = Preprocessing.learn(parts.train, standardize_target=settings.loss != "poisson")
    settings = defaults.complete(settings, dataset.task, len(parts.train), preprocessing.width)
    network = defaults.network(settings, preprocessing.width, preprocessing.outputs)
    optimizer = defaults.optimizer(settings, len(parts.train))
    engines.select(settings.engine, network, optimizer)  # refused here, before anything is written
    named = {name: part for name, part in parts._asdict().items() if part is not None}
    return Prepared(settings, dataset, named, preprocessing, network, optimizer)


def read(settings: Settings) -> Dataset:
    """The data that the settings name."""
    return load(
        settings.data,
        target=settings.target,
        task=settings.task,
        drop=settings.drop,
        category=settings.category,
        data_dir=settings.data_dir,
        seed=settings.seed or 0,
        samples=settings.samples,
    )


def located(settings: Settings) -> Settings:
    """The settings with files by their absolute paths, so that the configuration holds from anywhere."""
    if known_name(settings.data) is None:
        settings = replace(settings, data=str(Path(settings.data).absolute()))
    if settings.data_dir is not None:
        settings = replace(settings, data_dir=str(Path(settings.data_dir).absolute()))
    return settings
