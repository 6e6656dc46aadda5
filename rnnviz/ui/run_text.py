"""How a run's state, its reason and its metric are told: in the same words on every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.messages import N_, Problem
from rnnviz.ui.language import _, say

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
"""The smallest share that is told in digits."""


def reason_text(reason: Mapping[str, Any] | None) -> str:
    """Why a run is in its state, "" if nobody said; a reason's values may be reasons themselves."""
    if reason is None:
        return ""
    values = {
        name: reason_text(value) if isinstance(value, Mapping) else value
        for name, value in reason["values"].items()
    }
    return say(Problem(reason["template"], **values))


@dataclass(frozen=True)
class MetricFormat:
    """What a task's metric is called (a message), its unit, and whether it is a share of 1.

    Only runs whose measures are equal share an axis.
    """

    name: str
    unit: str
    share: bool

    @classmethod
    def of(cls, task: "Task") -> "MetricFormat":
        """That of `task`."""
        return cls(task.metric_name, task.metric_unit, task.is_share)

    @property
    def scale(self) -> float:
        """What a value is multiplied with to be in the unit."""
        return 100.0 if self.share else 1.0

    def text(self, value: float) -> str:
        """A value as it is read: a share in percent, an error with its unit."""
        if self.share and 0 < value < SMALLEST_SHARE:
            return _("under 0.01 %")  # its digits would claim what no validation can tell
        return f"{self.scale * value:.3g} {_(self.unit)}".rstrip()
