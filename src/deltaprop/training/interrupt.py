"""Ctrl-C as a request to stop, not as an exception in the middle of a step."""

from __future__ import annotations

import signal
import threading


class Interrupt:
    """While this context is open, the first Ctrl-C only sets `asked`; the second is what it was before.

    Python delivers signals to the main thread alone; elsewhere, and where Ctrl-C is ignored or handled
    outside of Python, nothing is touched.
    """

    def __init__(self):
        self.asked = False
        self._previous = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if callable(previous):  # neither ignored, default to the system, nor installed by C code
                self._previous = previous
                signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *exception) -> None:
        self._restore()

    def _ask(self, number, frame) -> None:
        self.asked = True
        self._restore()

    def _restore(self) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None
