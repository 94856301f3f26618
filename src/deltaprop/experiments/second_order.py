"""Second-order training, seen.

    python -m deltaprop.experiments.second_order [--out FOLDER] [--only NAME …] [--quick]

Prints what was found and draws it: the Hessian by five methods, its spectrum as a whole and layer by layer, the solvers
on one problem, and the size of the network from which on first-order training is faster.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from .comparison import compare_solvers
from .hessian_methods import compare_hessians
from .spectrum import spectra
from .trade_off import trade_off


def _hessian(quick: bool) -> tuple[Any, dict[str, Figure]]:
    result = compare_hessians(4, 50, 20) if quick else compare_hessians()
    return result, {"hessian-methods": result.figure()}


def _spectrum(quick: bool) -> tuple[Any, dict[str, Figure]]:
    result = spectra(width=4, samples=60, epochs=20, networks=1) if quick else spectra()
    return result, {"spectrum": result.figure(), "spectrum-layers": result.layer_figure()}


def _solvers(quick: bool) -> tuple[Any, dict[str, Figure]]:
    result = compare_solvers(sizes=(2, 5, 5, 1), samples=100, seconds=0.3) if quick else compare_solvers()
    return result, {f"solvers-{over}": result.figure(over) for over in ("seconds", "iterations")}


def _trade_off(quick: bool) -> tuple[Any, dict[str, Figure]]:
    result = trade_off((3, 6), 100, (1e-1, 1e-2), 0.3, 1) if quick else trade_off()
    return result, {f"trade-off-{error:g}": result.figure(error) for error in result.errors}


EXPERIMENTS: dict[str, Callable[[bool], tuple[Any, dict[str, Figure]]]] = {
    "hessian": _hessian,
    "spectrum": _spectrum,
    "solvers": _solvers,
    "trade-off": _trade_off,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run the experiments, print and draw."""
    parser = argparse.ArgumentParser(
        prog="python -m deltaprop.experiments.second_order", description="Second-order training, seen."
    )
    parser.add_argument("--out", type=Path, default=Path("experiments"), help="a folder, made if necessary")
    parser.add_argument("--only", nargs="+", choices=list(EXPERIMENTS), default=list(EXPERIMENTS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, a few seconds")
    options = parser.parse_args(arguments)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.exit(2, f"{parser.prog}: --out is not a folder that can be made: {error}\n")
    for name in options.only:
        result, figures = EXPERIMENTS[name](options.quick)
        print(f"{name}\n{result}\n", flush=True)
        for title, figure in figures.items():
            figure.savefig(options.out / f"{title}.png", dpi=110)


if __name__ == "__main__":
    main()
