"""A function that calls back, turned into one that can be resumed from outside."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any


class Coroutine:
    """Runs ``function(ask)``: each ``ask(request)`` is what a `resume` returns, and returns what the next one is given.

    It is to functions that call back what a generator is to loops. The function has a thread of its own, which runs
    only while `resume` waits for it, so that nothing is ever computed at the same time. What it raises, `resume`
    raises. `close`, or the end of this object, ends the function by a GeneratorExit out of `ask`. Filters for
    warnings belong to all threads: those that the function sets are undone while it waits.

    Examples
    --------
    >>> def ask_twice(ask):
    ...     return ask("first") + ask("second")
    >>> coroutine = Coroutine(ask_twice)
    >>> coroutine.resume(), coroutine.resume(1), coroutine.resume(10), coroutine.result
    ('first', 'second', None, 11)
    """

    def __init__(self, function: Callable[[Callable[[Any], Any]], Any]):
        self.finished, self.result = False, None
        self._requests, self._answers = SimpleQueue(), SimpleQueue()
        arguments = function, self._requests, self._answers  # not self: the thread must not keep it alive
        self._thread = Thread(target=_run, args=arguments, name="deltaprop coroutine", daemon=True)
        self._end = weakref.finalize(self, self._answers.put, _CLOSE)
        self._thread.start()

    def resume(self, answer: Any = None) -> Any:
        """Let the function go on until it asks again, and return the request; None: it has returned `result`."""
        with warnings.catch_warnings():
            self._answers.put(answer)
            kind, value = self._requests.get()
        if kind == "request":
            return value
        self.finished = True
        self.close()
        if kind == "error":
            raise value
        self.result = value
        return None

    def close(self) -> None:
        """End the function, if it has not returned, and its thread."""
        with warnings.catch_warnings():
            self._end()
            self._thread.join()


_CLOSE = object()


def _run(function: Callable, requests: SimpleQueue, answers: SimpleQueue) -> None:
    """The thread: the function, between its first answer, which starts it, and its end."""

    def receive() -> Any:
        answer = answers.get()
        if answer is _CLOSE:
            raise GeneratorExit
        return answer

    def ask(request: Any) -> Any:
        requests.put(("request", request))
        return receive()

    try:
        receive()
        requests.put(("result", function(ask)))
    except GeneratorExit:
        pass
    except BaseException as error:
        requests.put(("error", error))
