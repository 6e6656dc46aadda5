"""The settings that were changed while a run was in progress, as its facts record them."""

from dataclasses import replace
from typing import Any

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.training import Experiment

INVALID_CHANGE = N_(
    "{value} is not a change of settings; allowed is the number of a step with settings and their "
    "values."
)


def parse_changes(experiment: Experiment, recorded: object) -> list[tuple[int, dict[str, Any]]]:
    """Steps, and the settings that held from each of them on.

    `recorded`: a list of such pairs as a run's facts have it, or None. Those of an imported run may
    hold anything.

    Raises:
        Problem: changes that no run of `experiment` can have had.
    """
    changes = []
    for change in recorded if isinstance(recorded, list | tuple) else ():
        match change:
            case (int(step), dict(values)) if step >= 1:
                try:
                    replace(experiment.optimiser, **values)
                except TypeError as error:  # not the name of a setting
                    raise Problem(INVALID_CHANGE, value=excerpt(repr(change))) from error
                changes.append((step, values))
            case _:
                raise Problem(INVALID_CHANGE, value=excerpt(repr(change)))
    return changes
