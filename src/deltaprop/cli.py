"""The command line: ``deltaprop train``, ``predict``, ``trace``, ``show``.

Only what parses the line is imported here; each command imports its work when it is called. Whatever is wrong with
the input ends in one line on standard error and exit status 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from . import __version__

app = typer.Typer(
    name="deltaprop",
    help="Train multilayer networks by explicit backpropagation, and look at everything it computes.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DATA, NETWORK, TRAINING, RUN = "The data", "The network", "The training", "The run"
Data = Annotated[
    str | None,
    Argument(
        help="digits (default), mnist, iris, wine, breast_cancer, diabetes, rings, xor, spirals, blobs, moons, "
        "or a .csv or .parquet file.",
        show_default=False,
    ),
]
RunPath = Annotated[Path, Argument(metavar="RUN", help="A run folder, such as runs/digits-001.")]
DataDir = Annotated[
    Path | None, Option(help="Folder of the MNIST files (else $DELTAPROP_DATA).", rich_help_panel=DATA)
]


def _version(value: bool) -> None:
    if value:
        from .engines import instruction_set

        print(f"deltaprop {__version__}\ncompiled core: {instruction_set() or 'not installed'}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Show it and stop.")
    ] = False,
) -> None:
    """The options before any command."""


@app.command()
def train(
    data: Data = None,
    target: Annotated[
        list[str] | None, Option(help="Column of a file to predict; may be repeated.", rich_help_panel=DATA)
    ] = None,
    drop: Annotated[
        list[str] | None, Option(help="Column to leave out; may be repeated.", rich_help_panel=DATA)
    ] = None,
    category: Annotated[
        list[str] | None, Option(help="Column of numbers that are categories.", rich_help_panel=DATA)
    ] = None,
    samples: Annotated[int | None, Option(help="Use so many samples only.", rich_help_panel=DATA)] = None,
    task: Annotated[
        str | None,
        Option(help="classification or regression; recognised from the target.", rich_help_panel=DATA),
    ] = None,
    data_dir: DataDir = None,
    validation: Annotated[
        float | None, Option(help="Share of samples to validate on.", rich_help_panel=DATA)
    ] = None,
    test: Annotated[
        float | None, Option(help="Share of samples held out for the test.", rich_help_panel=DATA)
    ] = None,
    recipe: Annotated[
        str | None,
        Option(
            help="Network and training by name: mnist_98; other options override it.", rich_help_panel=NETWORK
        ),
    ] = None,
    layers: Annotated[
        str | None, Option(help='Units of the hidden layers: "256,128", or none.', rich_help_panel=NETWORK)
    ] = None,
    activation: Annotated[
        str | None,
        Option(help="relu, leaky_relu, gelu, tanh, scaled_tanh, sigmoid, …", rich_help_panel=NETWORK),
    ] = None,
    normalization: Annotated[
        str | None, Option(help="none, batch or layer.", rich_help_panel=NETWORK)
    ] = None,
    dropout: Annotated[
        float | None, Option(help="Share of hidden units dropped.", rich_help_panel=NETWORK)
    ] = None,
    l2: Annotated[
        float | None, Option(help="Penalty ½ l2 Σ w² on the weights.", rich_help_panel=NETWORK)
    ] = None,
    loss: Annotated[
        str | None, Option(help="softmax_cross_entropy, squared_error, huber, …", rich_help_panel=NETWORK)
    ] = None,
    dtype: Annotated[str | None, Option(help="float32 or float64.", rich_help_panel=NETWORK)] = None,
    optimizer: Annotated[str | None, Option(help="adam, sgd, momentum, …", rich_help_panel=TRAINING)] = None,
    learning_rate: Annotated[float | None, Option(help="The largest one.", rich_help_panel=TRAINING)] = None,
    schedule: Annotated[
        str | None, Option(help="constant, cosine, linear, one_cycle, step, …", rich_help_panel=TRAINING)
    ] = None,
    epochs: Annotated[int | None, Option(help="At most so many.", rich_help_panel=TRAINING)] = None,
    batch_size: Annotated[int | None, Option(help="Samples a step.", rich_help_panel=TRAINING)] = None,
    patience: Annotated[
        int | None,
        Option(help="Stop after so many epochs without a better one; 0: never.", rich_help_panel=TRAINING),
    ] = None,
    clip_norm: Annotated[
        float | None, Option(help="Limit of the gradient's norm.", rich_help_panel=TRAINING)
    ] = None,
    seed: Annotated[
        int | None, Option(help="Of the split, weights, order, dropout.", rich_help_panel=TRAINING)
    ] = None,
    engine: Annotated[str | None, Option(help="auto, numpy, native.", rich_help_panel=TRAINING)] = None,
    threads: Annotated[
        int | None, Option(help="Default: one, or every core for many samples.", rich_help_panel=TRAINING)
    ] = None,
    out: Annotated[
        Path | None, Option(help="The run folder; default runs/DATA-001, …", rich_help_panel=RUN)
    ] = None,
    config: Annotated[
        Path | None,
        Option(help="Repeat a run's config.toml; other options override it.", rich_help_panel=RUN),
    ] = None,
    resume: Annotated[
        Path | None, Option(metavar="RUN", help="Continue a killed run.", rich_help_panel=RUN)
    ] = None,
    checkpoint_seconds: Annotated[
        float | None, Option(help="Seconds between checkpoints; default 30.", rich_help_panel=RUN)
    ] = None,
) -> int:
    """Train a network; with no options at all, a good one for the handwritten digits."""
    options = dict(locals())
    for name in ("out", "config", "resume"):
        options.pop(name)
    from .commands import train as job

    return job.run(_options(options), out=out, config=config, resume=resume)


@app.command()
def predict(
    run: RunPath,
    data: Annotated[str, Argument(help="A .csv or .parquet file with the run's columns, or named data.")],
    out: Annotated[Path | None, Option(help="CSV file to write; default: standard output.")] = None,
    data_dir: DataDir = None,
) -> int:
    """Predictions for DATA as CSV: class and probabilities, or values in their original unit."""
    from .commands import predict as job

    return job.run(run, data, out=out, data_dir=data_dir)


@app.command()
def trace(
    run: RunPath,
    sample: Annotated[int, Option(help="Number of the sample, from 0.")] = 0,
    data: Annotated[str | None, Option(help="Where the sample is from; default: the run's own data.")] = None,
    data_dir: DataDir = None,
) -> int:
    """The four equations of backpropagation with the numbers of one sample filled in."""
    from .commands import trace as job

    return job.run(run, sample, data=data, data_dir=data_dir)


@app.command()
def show(run: RunPath) -> int:
    """What a run folder holds: scores, network, configuration, files."""
    from .commands import show as job

    return job.run(run)


def _options(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, in the types of `Settings`."""
    from .commands.settings import parse_layers

    given = {name: value for name, value in options.items() if value is not None and value != []}
    if "recipe" in given:
        from .commands.defaults import of_recipe

        given = of_recipe(given.pop("recipe")) | given
    if isinstance(given.get("layers"), str):
        given["layers"] = parse_layers(given["layers"])
    for name in ("target", "drop", "category"):
        if name in given:
            given[name] = tuple(given[name])
    if "data_dir" in given:
        given["data_dir"] = str(given["data_dir"])
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    0: done; 1: the training diverged (the last good weights were saved); 2: the input, or a file or folder, could not
    be used (one line on standard error says why); 130: interrupted by Ctrl-C, with what was learned saved.
    """
    try:
        status = app(args=arguments, prog_name="deltaprop", standalone_mode=False)
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        return _fail("not enough memory: use fewer units, smaller batches or fewer samples.")
    except OSError as error:
        where = error.filename or "output"
        return _fail(f"{where}: {error.strerror or error}; check the disk and the permissions.")
    except Exception as error:
        from .errors import InputError  # only now: NumPy would double the time of --help

        if isinstance(error, InputError):
            return _fail(str(error))
        if hasattr(error, "format_message"):  # how Typer's usage errors are known
            said = error.format_message().rstrip(".")  # type: ignore[attr-defined]
            # Without any argument the help has been printed, and nothing is left to say.
            return _fail(f"{said}; see deltaprop --help.") if said else 2
        raise  # a bug: let it be seen
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    print("deltaprop: " + " ".join(message.split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
