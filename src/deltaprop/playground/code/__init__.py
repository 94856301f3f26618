"""A run as a program: for deltaprop, scikit-learn, PyTorch, or NumPy without any library."""

from __future__ import annotations

from ..run import Run
from . import deltaprop, numpy, pytorch, sklearn
from .rendering import render
from .subject import Subject

FORMS = {"deltaprop": deltaprop, "sklearn": sklearn, "pytorch": pytorch, "numpy": numpy}


def program(run: Run, form: str) -> str:
    """The network of a run, its samples and its training as a program that can be run.

    It trains from the initial weights of the run, with its settings, and has the weights at the present step.

    Parameters
    ----------
    run : Run
    form : {"deltaprop", "sklearn", "pytorch", "numpy"}

    Returns
    -------
    str
        Python, with the functions ``train()`` and ``page()``, the network as it is on the page.

    Examples
    --------
    >>> from deltaprop.playground.run import Run
    >>> from deltaprop.playground.settings import Settings
    >>> "import torch" in program(Run.start(Settings()), "pytorch")
    True
    """
    subject = Subject(run)
    return render(form, subject, **FORMS[form].parts(subject))
