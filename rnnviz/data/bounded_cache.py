"""A cache that is bounded by the memory of its results, not by how many there are."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar

from rnnviz.data.validate import MB

P = ParamSpec("P")
R = TypeVar("R")


class BoundedCache(Generic[P, R]):
    """Keep the latest results of `make`, at most `limit` MB of them and always the last one.

    So the small files of a whole class stay, and of large ones as many as there is room for.
    `size`: of a result, in bytes. The arguments of `make` are hashable. Safe for threads.
    """

    def __init__(self, make: Callable[P, R], size: Callable[[R], int], limit: int) -> None:
        self._make, self._size, self._limit = make, size, limit * MB
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, tuple[R, int]] = OrderedDict()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result for these arguments; what `make` raises is not kept."""
        key = (args, *sorted(kwargs.items()))
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key][0]
        result = self._make(*args, **kwargs)
        with self._lock:
            self._results[key] = result, self._size(result)
            self._results.move_to_end(key)
            total = sum(size for _result, size in self._results.values())
            while total > self._limit and len(self._results) > 1:
                _key, (_result, size) = self._results.popitem(last=False)
                total -= size
        return result

    def cache_clear(self) -> None:
        """Forget all results."""
        with self._lock:
            self._results.clear()
