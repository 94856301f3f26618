"""The JAX engine, and what it is made of; importing it imports JAX."""

from .engine import JaxEngine
from .evaluator import JaxEvaluator

__all__ = ["JaxEngine", "JaxEvaluator"]
