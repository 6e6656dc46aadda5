"""Results that all visitors of the process share: each is computed once and kept with a bound.

Streamlit's own caches can be cleared by any visitor's browser, hash their arguments anew in every
run, and hold one lock for all arguments of a function. Here arguments are compared as Python
compares them, so they are hashable: frozen dataclasses, strings, numbers, tuples.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from inspect import signature
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class SharedFunction(Protocol[P, T_co]):
    """A function whose results are shared."""

    __name__: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T_co:
        """The result for these arguments, which the caller must not change."""
        ...

    def cache_clear(self) -> None:
        """Forget all results; what is being computed is returned, but not kept."""
        ...


def shared(
    *, max_entries: int, size: Callable[[Any], int] | None = None, megabytes: float = math.inf
) -> Callable[[Callable[P, T]], SharedFunction[P, T]]:
    """Decorate a function so that all visitors share its results, which nobody may change.

    Two callers with the same arguments compute once: the second waits. Of the results the
    `max_entries` used last are kept, of those whose `size` in bytes is known at most `megabytes`.
    An error reaches whoever waits for it and is not kept, so the next caller tries again; where
    Streamlit interrupts the run that computes, one of those that wait computes instead. A shared
    function may call others.

    What the result depends on is among the arguments, so text has the language (`current()`) and a
    figure the theme. As with Streamlit, a parameter whose name begins with an underscore is no part
    of what is compared: it is for what the others name, like the model of an experiment.

    What takes longer than 50 ms belongs in a process (`rnnviz.ui.background`): a caller who waits
    here cannot be interrupted.
    """

    def decorate(function: Callable[P, T]) -> SharedFunction[P, T]:
        cache = _Cache(function, max_entries, size, megabytes)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return cache.get(args, kwargs)

        decorated = cast(Any, call)
        decorated.cache_clear = cache.clear
        _CACHES.append(cache)
        return cast(SharedFunction[P, T], decorated)

    return decorate


def clear_all() -> None:
    """Forget all shared results, for tests that need a server that has just started."""
    for cache in _CACHES:
        cache.clear()


class _Computation(Generic[T]):
    """One result in the making: who computes it, and what came of it."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.done = threading.Event()
        self.is_interrupted = False
        self.error: Exception | None = None
        self.result: T


_CACHES: "list[_Cache[Any]]" = []
_WAITING: dict[int, _Computation[Any]] = {}
"""What each thread waits for."""
_WAITING_LOCK = threading.Lock()


class _Cache(Generic[T]):
    """The results of one function by its arguments, the one used last at the end."""

    def __init__(
        self,
        function: Callable[..., T],
        max_entries: int,
        size: Callable[[Any], int] | None,
        megabytes: float,
    ) -> None:
        self._function, self._max_entries = function, max_entries
        self._size, self._max_bytes = size or (lambda _result: 0), megabytes * 2**20
        self._signature = signature(function)
        self._ignored = {name for name in self._signature.parameters if name.startswith("_")}
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, T] = OrderedDict()
        self._computations: dict[Hashable, _Computation[T]] = {}

    def get(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        """The result for these arguments: cached, computed, or awaited."""
        key = self._key(args, kwargs)
        while True:
            with self._lock:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key]
                computation = self._computations.get(key)
                if computation is None:
                    own = self._computations[key] = _Computation[T]()
                    break
            _wait(computation)
            if computation.error is not None:
                raise computation.error
            if not computation.is_interrupted:
                return computation.result
        try:
            own.result = self._function(*args, **kwargs)
        except BaseException as error:
            own.error = error if isinstance(error, Exception) else None
            own.is_interrupted = own.error is None
            self._finish(key, own)
            raise
        self._finish(key, own)
        return own.result

    def clear(self) -> None:
        """Forget all results, also of what is being computed."""
        with self._lock:
            self._results.clear()
            self._computations.clear()

    def _key(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
        if kwargs or self._ignored:
            arguments = self._signature.bind(*args, **kwargs).arguments
            items = [item for item in arguments.items() if item[0] not in self._ignored]
            return tuple((name, type(value), value) for name, value in items)
        # 1, 1.0 and True are equal, but a text that shows them differs.
        return tuple((type(value), value) for value in args)

    def _finish(self, key: Hashable, own: _Computation[T]) -> None:
        with self._lock:
            if self._computations.get(key) is own:
                del self._computations[key]
                if own.error is None and not own.is_interrupted:
                    self._results[key] = own.result
                    self._evict()
        own.done.set()

    def _evict(self) -> None:
        size = sum(map(self._size, self._results.values()))
        while len(self._results) > self._max_entries or (
            size > self._max_bytes and len(self._results) > 1
        ):
            _key, result = self._results.popitem(last=False)
            size -= self._size(result)


def _wait(computation: _Computation[Any]) -> None:
    """Wait for `computation`.

    Raises:
        RecursionError: it waits for what this thread computes, so it would never be done.
    """
    thread = threading.get_ident()
    with _WAITING_LOCK:
        other: _Computation[Any] | None = computation
        while other is not None:
            if other.thread == thread and not other.done.is_set():
                raise RecursionError("A shared function asks for a result that waits for its own.")
            other = _WAITING.get(other.thread)
        _WAITING[thread] = computation
    try:
        computation.done.wait()
    finally:
        with _WAITING_LOCK:
            del _WAITING[thread]
