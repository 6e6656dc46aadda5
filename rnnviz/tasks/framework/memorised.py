"""Tasks that are learned by heart: their training examples are all the examples there are."""

from collections.abc import Sequence
from typing import ClassVar

from rnnviz.messages import N_
from rnnviz.tasks.framework.batches import Baseline
from rnnviz.tasks.framework.kinds import Split
from rnnviz.tasks.framework.task import Task

BY_HEART = N_("{cells} learned the examples by heart.")
BY_HEART_PARTLY = N_("{cells} learned a part of the examples by heart.")
NOT_BY_HEART = N_("{cells} learned hardly any of the examples by heart.")


class Memorised(Task):
    """A task whose models are measured on what they were trained on: it shows no generalisation."""

    memorised: ClassVar[bool] = True
    verdicts: ClassVar[tuple[str, str, str]] = (BY_HEART, BY_HEART_PARTLY, NOT_BY_HEART)

    def significance_margin(
        self, scores: Sequence[float], baseline: Baseline, split: Split = "validation"
    ) -> float:
        """0: the examples are all there are, so their mean is counted and not estimated."""
        return 0.0
