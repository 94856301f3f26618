"""Multilayer networks trained by explicit backpropagation.

The public names, listed in ``__init__.pyi``, are imported on first use, so that ``import deltaprop`` itself is fast.

Examples
--------
>>> import deltaprop
>>> "Network" in dir(deltaprop)
True
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
