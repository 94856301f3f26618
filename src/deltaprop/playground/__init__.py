"""The playground: a page that shows a network while it trains, in the browser or in a notebook.

``deltaprop playground`` opens it; `Playground` and ``net.watch(x, t)`` are its widgets; `load` reads what it saved.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
