"""Sweeps: many combinations of settings × seeds, and which of them is best.

The names, listed in ``__init__.pyi``, are imported on first use: processes that run trials need few of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
