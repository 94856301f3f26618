"""From settings to data, preprocessing and network: a pure function, so that a run can be repeated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .. import solvers
from ..data import Dataset, Encoding, Preprocessing, known_name, load, split
from ..data.part_notes import fold_notes, part_notes
from ..data.reading.table_format import FORMAT_OPTIONS
from ..data.split import fold_parts, folds
from ..data.toys import TOYS
from ..network import Network
from ..optimizers import Optimizer
from ..report.score import OF_A_CLASS
from ..solvers import Solver
from ..training.arguments import check_precision
from ..training.data import check
from ..training.samplers import as_sampler
from . import defaults
from .scoring import Scoring
from .settings import Settings


@dataclass(frozen=True, eq=False)
class Part:
    """The training, validation or test part: `data` in original units; `x`, `t` as network and loss take them."""

    data: Dataset
    x: np.ndarray
    t: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """The targets as measures take them: class codes (n,), or values (n, targets) in their unit."""
        return self.t if self.data.classes else np.asarray(self.data.t, np.float64).reshape(len(self.t), -1)


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a run starts from."""

    settings: Settings  # complete
    dataset: Dataset  # as read
    parts: dict[str, Part]  # "train", and "validation" and "test" where they exist
    preprocessing: Preprocessing  # fitted on the training part only
    network: Network  # with its initial weights
    optimizer: Optimizer | Solver  # with a schedule as long as the training
    scoring: Scoring  # what is measured

    def with_settings(self, settings: Settings) -> Prepared:
        """The same data with the network and the training of other settings."""
        return _assemble(settings, self.dataset, self.parts, self.preprocessing)


def prepare(settings: Settings) -> Prepared:
    """Load, split and transform the data, complete the settings, make the network. Writes nothing."""
    return prepare_parts(*split_data(settings))


def prepare_parts(settings: Settings, dataset: Dataset, parts: dict[str, Dataset]) -> Prepared:
    """The same of parts that are given; what is learned from data is learned from "train" alone."""
    train = parts["train"]
    table = is_table(dataset)
    settings = defaults.complete(settings, dataset.task, len(train), len(dataset.feature_names), table)
    encoding = Encoding(settings.scaling, clip=settings.scaling == "robust", categories=settings.categories)
    preprocessing = Preprocessing.learn(
        train,
        standardize_target=settings.loss != "poisson",  # it cannot take negative numbers
        clamp_target=settings.clamp_outputs,
        encoding=encoding,
    )
    transformed = {}
    for name, part in parts.items():
        x = preprocessing.transform(part.x, name=f"{dataset.name} ({name})")
        transformed[name] = Part(part, x, preprocessing.encode_target(part.t))
    return _assemble(settings, dataset, transformed, preprocessing)


def _assemble(
    settings: Settings, dataset: Dataset, parts: dict[str, Part], preprocessing: Preprocessing
) -> Prepared:
    """The network and the optimizer for complete settings."""
    train = parts["train"]
    # A class that the test part alone has, or lacks, decides what is shown, but not what is trained by.
    order = ("test", "validation") if settings.metric not in OF_A_CLASS else ("validation", "train")
    held_out = next((parts[name] for name in order if name in parts), train)
    scored = held_out.t
    if settings.folds and "test" not in parts:
        scored = scored[
            np.concatenate([one.test for one in folds(train.data, settings.folds, settings.seed)])
        ]
    scoring = Scoring.of(preprocessing.target, train.t, settings.metric, scored)
    network = defaults.network(
        settings,
        preprocessing.width,
        preprocessing.outputs,
        len(train.x),
        preprocessing.numbers,
        preprocessing.categories,
    )
    optimizer = defaults.optimizer(settings, len(train.x))
    engine = solvers.select(settings.engine, network, optimizer)  # refused before anything is written
    check_precision(settings.precision, engine, network.dtype)
    if isinstance(optimizer, Solver):
        optimizer.check(network, len(train.x))
    else:
        as_sampler("train", settings.sampler).check(
            "train", check("train", network, train.x, train.t), network
        )
    network.initialize_from_data(train.x)
    return Prepared(settings, dataset, parts, preprocessing, network, optimizer, scoring)


def split_data(settings: Settings) -> tuple[Settings, Dataset, dict[str, Dataset]]:
    """The settings with the sizes of the parts, the data that they name, and its parts."""
    s = settings
    dataset = load(
        s.data,
        target=s.target,
        task=s.task,
        drop=s.drop,
        category=s.category,
        keep=s.keep,
        keep_na=s.keep_na,
        unique=s.unique or False,
        data_dir=s.data_dir,
        seed=s.seed or 0,
        samples=s.samples,
        time=s.time,
        group=s.group,
        test_data=s.test_data,
        **{option: getattr(s, option) for option in FORMAT_OPTIONS},
    )
    settings = settings.with_recognized(dataset.recognized)
    fixed_test, table = dataset.test is not None or settings.folds is not None, is_table(dataset)
    settings = defaults.part_sizes(settings, len(dataset), fixed_test, table)
    if settings.folds is not None:  # one network of all data, after the folds
        each = fold_parts(dataset, settings.folds, settings.validation, settings.seed)
        found = {"train": dataset.take(np.arange(len(dataset)))}
        found |= {} if dataset.test is None else {"test": dataset.test}
        notes = (*dataset.notes, *fold_notes(dataset, each), *part_notes(dataset, found, drawn=()))
        return settings, replace(dataset, notes=notes), found
    parts = split(dataset, validation=settings.validation, test=settings.test, seed=settings.seed)
    found = {name: part for name, part in parts._asdict().items() if part is not None}
    drawn = [name for name in found if name != "test" or not fixed_test]
    notes = (*dataset.notes, *part_notes(dataset, found, drawn))
    return settings, replace(dataset, notes=notes), found


def is_table(dataset: Dataset) -> bool:
    """Whether the samples are neither images nor points in the plane."""
    return dataset.image_shape is None and dataset.name not in TOYS


def absolute(settings: Settings) -> Settings:
    """The settings with absolute paths, so that the configuration is valid in any working directory."""
    data = None if known_name(settings.data) else str(Path(settings.data).absolute())
    paths = {name: getattr(settings, name) for name in ("data_dir", "test_data")}
    return settings.given(
        data=data, **{name: path and str(Path(path).absolute()) for name, path in paths.items()}
    )
