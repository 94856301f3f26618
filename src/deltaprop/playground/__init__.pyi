from .loading import load as load
from .widget import Playground as Playground
from .widget import watch as watch
