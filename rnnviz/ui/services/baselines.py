"""The baselines of tasks, computed once on this server and shared by all pages and visitors."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rnnviz.messages import Problem
from rnnviz.ui.background import BackgroundCache
from rnnviz.ui.services.singletons import singleton

if TYPE_CHECKING:
    from rnnviz.tasks import Baseline, Split, Task

CACHED_TASKS = 200
"""The most tasks whose baselines are cached, each with a split."""


class Baselines:
    """The baselines of tasks, each computed once in the background."""

    def __init__(self) -> None:
        self._cache: BackgroundCache[tuple[Baseline, ...]] = BackgroundCache(
            "rnnviz baselines", CACHED_TASKS
        )

    def get(self, task: "Task", split: "Split" = "validation") -> "tuple[Baseline, ...] | None":
        """The baselines of `task` on the examples of `split`; None while they are being computed.

        What is fitted for one split is not fitted again for another.
        """
        # The key is made of the settings: the task itself may hold all of a visitor's file.
        settings: Any = task
        plain = {"name": task.name, "split": split, **asdict(settings)}
        future = self._cache.get(json.dumps(plain, sort_keys=True), lambda: task.baselines(split))
        try:
            return None if future is None else future.result()
        except Problem:
            return ()  # the file is no longer available: the race itself reports that


@singleton()
def baselines() -> Baselines:
    """The baselines service of this server."""
    return Baselines()
