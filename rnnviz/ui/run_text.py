"""How a run's state and its metric are written: with the same words on every page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.messages import N_
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.tasks import Task

STATE_TITLES = {
    "ready": N_("ready"),
    "queued": N_("waiting"),
    "running": N_("training"),
    "paused": N_("paused"),
    "stopping": N_("stopping …"),
    "finished": N_("done"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
}
"""The states of a run, and that of one which has not been started."""

SMALLEST_SHARE = 1e-4
"""The smallest share that is written in digits."""


@dataclass(frozen=True)
class MetricFormat:
    """The name of a task's metric (a message), its unit, and whether it is a share of 1.

    Only runs with equal formats share an axis.
    """

    name: str
    unit: str
    share: bool

    @classmethod
    def of(cls, task: "Task") -> "MetricFormat":
        """The format of the metric of `task`."""
        return cls(task.metric_name, task.metric_unit, task.is_share)

    @property
    def scale(self) -> float:
        """The factor that converts a value to the unit."""
        return 100.0 if self.share else 1.0

    def text(self, value: float) -> str:
        """A value for a reader: a share in percent, an error with its unit."""
        if self.share and 0 < value < SMALLEST_SHARE:
            return _("under 0.01 %")  # its digits would claim more than any validation can show
        return f"{self.scale * value:.3g} {_(self.unit)}".rstrip()
