"""The JAX engine, and what it is made of; importing it imports JAX."""

from .engine import JaxEngine

__all__ = ["JaxEngine"]
