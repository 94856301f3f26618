"""The command line: ``deltaprop train``, ``predict``, ``trace``, ``show``, ``playground`` and so on.

Only what parses the line is imported: each command imports its work when it is called, and the options of `train` are
declared where the line names it. Invalid input ends in one line on standard error and exit status 2.
"""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

import typer
from typer import Argument, Option

from . import __version__
from .commands.streams import is_closed_pipe, lasting_output

app = typer.Typer(
    name="deltaprop",
    help="Train multilayer networks by explicit backpropagation and inspect everything they compute.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

experiments = typer.Typer(
    help="Put the claims of the literature to the test.",
    no_args_is_help=True,
    context_settings=app.info.context_settings,
)
app.add_typer(experiments, name="experiment")

RunOption = partial(Option, rich_help_panel="Run")
ProcessOption = partial(Option, rich_help_panel="Several processes, with --engine jax")
RunPath = Annotated[Path, Argument(metavar="RUN", help="A run folder, such as runs/digits-001.")]
DataDir = Annotated[Path | None, Option(help="Folder of the MNIST files; default: $DELTAPROP_DATA.")]


def _version(value: bool) -> None:
    if value:
        from .engines import instruction_set

        print(f"deltaprop {__version__}\ncompiled core: {instruction_set() or 'not installed'}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """The options before any command."""


def _declare_options(command: Callable[..., int], settings: bool) -> None:
    """Show Typer the parameters of `command` and, in place of its ``**options``, those of the settings if asked for."""
    vars(command).pop("__signature__", None)  # of an earlier call
    own = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in own if p.kind is not p.VAR_KEYWORD]
    parameters = [*(_settings() if settings else []), *parameters]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]


def _settings() -> list[inspect.Parameter]:
    """An option for each field of `Settings`."""
    from .commands.settings import SECTIONS, bounds, flags  # pydantic takes a third of the time of --help

    parameters = []
    for section, model in SECTIONS.items():
        for name, field in model.model_fields.items():
            kind: Any = field.annotation
            if get_origin(kind) in (tuple, dict):  # text that the model parses, or an option to repeat
                kind = str if name == "layers" or get_origin(kind) is dict else list[str]
            limits = "" if get_origin(kind) is Literal else bounds(field)  # Typer shows choices itself
            text = f"{field.description}{f' ({limits})' if limits else ''}."
            shown: Any = Option(*flags(name), help=text, rich_help_panel=section.capitalize())
            if name == "data":
                shown = Argument(help=text, show_default=False)
            annotation = Annotated[kind | None, shown]
            keyword = inspect.Parameter.KEYWORD_ONLY
            parameters.append(inspect.Parameter(name, keyword, default=None, annotation=annotation))
    return parameters


@app.command()
def train(
    recipe: Annotated[
        str | None, RunOption(help="Named network and training: mnist_98; other options override it.")
    ] = None,
    out: Annotated[Path | None, RunOption(help="New run folder; default: runs/DATA-001, …")] = None,
    config: Annotated[
        Path | None, RunOption(help="Repeat the run of a config.toml; other options override it.")
    ] = None,
    resume: Annotated[
        Path | None, RunOption(metavar="RUN", help="Continue an interrupted run from its checkpoint.")
    ] = None,
    minutes: Annotated[
        float | None,
        RunOption(
            help="Time until the training ends: as many epochs as it allows on this machine, at most --epochs."
        ),
    ] = None,
    coordinator: Annotated[
        str | None,
        ProcessOption(
            metavar="HOST:PORT",
            help="Where process 0 listens; not needed under Slurm, Open MPI and Kubernetes.",
        ),
    ] = None,
    processes: Annotated[int | None, ProcessOption(help="Their number.")] = None,
    process_id: Annotated[
        int | None, ProcessOption(help="The number of this one, from 0. Process 0 writes the run folder.")
    ] = None,
    **options: Any,
) -> int:
    """Train a network; without options, one that does well on the handwritten digits."""
    from .commands.train import run

    given = {name: value for name, value in options.items() if value not in (None, [])}
    launch = {"coordinator": coordinator, "processes": processes, "process_id": process_id}
    return run(given, recipe=recipe, out=out, config=config, resume=resume, minutes=minutes, **launch)


@app.command()
def predict(
    run: RunPath,
    data: Annotated[str, Argument(help="A table file with the columns of training, or named data.")],
    out: Annotated[Path | None, Option(help="CSV file to write; default: standard output.")] = None,
    data_dir: DataDir = None,
    engine: Annotated[
        Literal["auto", "numpy", "native", "jax"],
        Option(help="What computes them; jax: the GPU that it finds."),
    ] = "auto",
) -> int:
    """Write predictions for DATA as CSV: class and probabilities, or values in the unit of the target."""
    from .commands import predict

    return predict.run(run, data, out=out, data_dir=data_dir, engine=engine)


@app.command()
def trace(
    run: RunPath,
    sample: Annotated[int, Option(help="Index of the sample, from 0.")] = 0,
    data: Annotated[
        str | None, Option(help="Data to take it from; default: the test part of the run.")
    ] = None,
    data_dir: DataDir = None,
) -> int:
    """Show the four equations of backpropagation with the numbers of one sample."""
    from .commands import trace

    return trace.run(run, sample, data=data, data_dir=data_dir)


@app.command()
def show(run: RunPath) -> int:
    """Show the scores, network, configuration and files of a run."""
    from .commands import show

    return show.run(run)


@app.command()
def exercise(
    number: Annotated[
        int,
        Argument(
            help="1: delta of the output; 2: sigmoid with two losses; 3: all gradients of two layers; 4: softmax; "
            "5: a batch."
        ),
    ],
    seed: Annotated[int, Option(help="Of the random numbers.")] = 0,
    answer: Annotated[
        list[str] | None,
        Option(
            help='Formulas or numbers, such as "delta = y - t"; may be repeated. Status 1 if one is wrong.'
        ),
    ] = None,
    solution: Annotated[bool, Option("--solution", help="Show the solution.")] = False,
) -> int:
    """An exercise in backpropagation on random numbers; checks answers, and says where they go wrong."""
    from .exercises import command

    return command.run(number, seed, answer or [], solution)


@experiments.command("list")
def experiment_list() -> int:
    """List the items of the literature, and where each is found: experiments and names in the library."""
    from .experiments import command

    return command.show_list()


@experiments.command("run")
def experiment_run(
    names: Annotated[list[str] | None, Argument(metavar="[NAME]...", help="Experiments; see list.")] = None,
    everything: Annotated[bool, Option("--all", help="Every experiment.")] = False,
    full: Annotated[bool, Option("--full", help="At the real size instead of the quick one.")] = False,
    seeds: Annotated[
        int | None, Option(help="Runs of each arm; default: the experiment's own number.")
    ] = None,
    jobs: Annotated[int | None, Option(help="Processes; default: one for each core.")] = None,
    data: Annotated[str | None, Option(help="Data of your own: a table file, or named data.")] = None,
    target: Annotated[list[str] | None, Option(help="Target column of --data; repeat for several.")] = None,
    drop: Annotated[list[str] | None, Option(help="Column of --data to ignore; repeat for several.")] = None,
    category: Annotated[
        list[str] | None, Option(help="Numeric column of --data to read as categories; repeat for several.")
    ] = None,
    out: Annotated[Path, Option(help="Folder of the results and their page, index.html.")] = Path("gallery"),
) -> int:
    """Run experiments: the measured numbers, a verdict on each claim, a figure, and a page that shows them."""
    from .experiments import command

    columns = (target or (), drop or (), category or ())
    return command.run(names or (), everything, full, seeds, jobs, data, *columns, out)


@app.command()
def sweep(
    spec: Annotated[
        Path, Argument(metavar="SPEC.toml", help="Settings, the values to try, seeds: docs/sweep.md.")
    ],
    out: Annotated[Path | None, Option(help="Folder of the results; default: sweeps/SPEC.")] = None,
    jobs: Annotated[int, Option(help="Trials at the same time; -1: as many as there are cores.")] = -1,
    resume: Annotated[
        bool, Option("--resume", help="Keep the finished trials of the folder, and make the others.")
    ] = False,
) -> int:
    """Try a grid or random draws of any options of train, each with several seeds, and name the best."""
    from .sweeps.command import run

    return run(spec, out=out, jobs=jobs, resume=resume)


@app.command()
def playground(
    port: Annotated[
        int | None, Option(min=0, max=65535, help="Port; default: the first free one from 8765 on.")
    ] = None,
    host: Annotated[
        str, Option(help="Address to listen at; any other than the default can be reached by others.")
    ] = "127.0.0.1",
    browser: Annotated[bool, Option(help="Open the page in the browser.")] = True,
    lesson: Annotated[str | None, Option(metavar="NAME", help="Begin with this lesson.")] = None,
    config: Annotated[
        str | None,
        Option(metavar="FILE", help="Begin with a state that the page has saved, a file or a link."),
    ] = None,
) -> int:
    """Open a page in the browser where a network learns: to watch, stop, question and take home."""
    from .playground.command import run

    return run(port, host, browser, lesson, config)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    0: success; 1: the training diverged (the last good weights were saved), or the answer of an exercise is wrong;
    2: invalid input, or a file, folder or output that cannot be used (one line on standard error); 130: interrupted by
    Ctrl-C, with the progress saved; 141: nobody reads the output any more, as after ``| head``. All work is done then.
    """
    with lasting_output() as errors:
        status = _run(sys.argv[1:] if arguments is None else arguments)
    if errors and status == 0:
        full = [error for error in errors if not is_closed_pipe(error)]
        return _fail_of_file(full[0]) if full else 141
    return status


def _run(arguments: Sequence[str]) -> int:
    """The command that they name; the exit status."""
    try:
        _declare_options(train, settings="train" in arguments)
        with _fewer_collections(), _errors_end_other_processes():
            status = app(args=arguments, prog_name="deltaprop", standalone_mode=False)
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        return _fail("not enough memory: use fewer units, smaller batches or fewer samples.")
    except OSError as error:
        return _fail_of_file(error)
    except Exception as error:
        from .errors import InputError  # only now: NumPy would double the time of --help

        if isinstance(error, InputError):
            return _fail(str(error))
        if hasattr(error, "format_message"):  # a usage error of Typer
            text = error.format_message().rstrip(".")  # type: ignore[attr-defined]
            # Without any argument the help has been printed, and nothing is left to say.
            return _fail(f"{text}; see deltaprop --help.") if text else 2
        raise  # a bug: let it be seen
    return status if isinstance(status, int) else 0


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Garbage is collected less often: what is imported stays, and going through it again and again takes time."""
    before = gc.get_threshold()
    gc.set_threshold(10_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _errors_end_other_processes() -> Iterator[None]:
    """Processes that train together end together: an error here is told to the others, if there are any."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if distributed := sys.modules.get(f"{__package__}.distributed"):
            distributed.fail(error)
        raise


def _fail_of_file(error: OSError) -> int:
    where = error.filename or "output"
    return _fail(f"{where}: {error.strerror or error}; check the disk and the permissions.")


def _fail(message: str) -> int:
    print("deltaprop: " + " ".join(message.split()), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
