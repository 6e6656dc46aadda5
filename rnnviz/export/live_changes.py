"""What was set while a run was going on, as its facts tell it."""

from dataclasses import replace
from typing import Any

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.training import Experiment

INVALID_CHANGE = N_(
    "{value} is no change of settings; allowed is the number of a step with settings and their "
    "values."
)


def parse_changes(experiment: Experiment, changes: object) -> list[tuple[int, dict[str, Any]]]:
    """Steps, and the settings that held from each of them on.

    `told`: a list of such pairs as a run's facts have it, or None. An imported run may tell
    anything.

    Raises:
        Problem: changes that no run of `experiment` can have had.
    """
    found = []
    for change in changes if isinstance(changes, list | tuple) else ():
        match change:
            case (int(step), dict(values)) if step >= 1:
                try:
                    replace(experiment.optimiser, **values)
                except TypeError as error:  # not the name of a setting
                    raise Problem(INVALID_CHANGE, value=excerpt(repr(change))) from error
                found.append((step, values))
            case _:
                raise Problem(INVALID_CHANGE, value=excerpt(repr(change)))
    return found
