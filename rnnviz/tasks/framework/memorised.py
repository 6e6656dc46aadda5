"""Tasks that are learned by heart: their training examples are all the examples there are."""

from typing import ClassVar

from rnnviz.messages import N_
from rnnviz.tasks.framework.kinds import ExampleKind
from rnnviz.tasks.framework.task import Task

BY_HEART = N_("{cells} learned the examples by heart.")
BY_HEART_PARTLY = N_("{cells} learned a part of the examples by heart.")
NOT_BY_HEART = N_("{cells} learned hardly any of the examples by heart.")


class Memorised(Task):
    """A task whose models are measured on what they were trained on: it shows no generalisation."""

    memorised: ClassVar[bool] = True
    verdicts: ClassVar[tuple[str, str, str]] = (BY_HEART, BY_HEART_PARTLY, NOT_BY_HEART)

    @property
    def final_examples(self) -> ExampleKind:
        """Also what is asked in another order than it was learned is there only once."""
        return "memorised" if self.memorised else "validation"
