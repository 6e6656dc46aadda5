"""Which character comes next in a whole book?"""

from rnnviz.tasks.running_text.task import RunningText

__all__ = ["RunningText"]
