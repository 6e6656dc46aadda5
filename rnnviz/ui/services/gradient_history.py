"""The gradient over the whole training, also where the trainer had no time to measure it.

A trainer measures it only where that costs it next to nothing; when the run is over, the rest is
computed from the weights that it has stored, in a process of its own.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rnnviz.jobs import RunView
from rnnviz.jobs.apart import Call
from rnnviz.jobs.records import END_STATES, GradientNormHistory
from rnnviz.messages import Problem
from rnnviz.ui.services.computations import computations
from rnnviz.ui.services.training import service
from rnnviz.ui.services.uploads import task_files

if TYPE_CHECKING:
    from rnnviz.training import Experiment

NORMS = "rnnviz.training.stored_evaluation:stored_norms"

WeightsReader = Callable[[int], bytes | None]
"""Returns the weights of a saved step of one run, None where they are gone."""

MAX_BYTES = 32 * 2**20
"""The most bytes of weights that are handed to one computation."""
PASSES = 8
"""The steps are computed in so many passes, each over the whole training."""


def gradient_history(run: RunView, experiment: "Experiment") -> tuple[GradientNormHistory, bool]:
    """The norms at the saved steps of `run`, as far as they are known; whether that is all."""
    measured = {step: norms for step, norms in run.gradient_norms if norms}
    missing = tuple(step for step in run.saved_steps if step not in measured)
    if run.state not in END_STATES or not measured or not missing:
        return run.gradient_norms, True

    def reader() -> WeightsReader:
        service().flush()  # else the last steps may be in no file yet
        return partial(service().weights, run.run_id)

    computed = computed_norms(run.run_id, experiment, missing, reader)
    if computed is None:
        return run.gradient_norms, False
    return tuple(sorted({**measured, **dict(computed)}.items())), True


def computed_norms(
    run: str,
    experiment: "Experiment",
    steps: Sequence[int],
    reader: Callable[[], WeightsReader],
) -> GradientNormHistory | None:
    """The norms after `steps`; None while they are being computed, empty if that failed.

    Steps whose weights are gone, belong to another model or give no finite norm are left out. If
    there are too many for the time and the memory, those computed are spread over the whole
    training. `reader` is called in another thread, and may wait for the disk.
    """

    def complete() -> Call:
        files = task_files(experiment.task)
        return Call(NORMS, (experiment.to_json(), files, stored_weights(steps, reader())))

    result = computations().poll(Call(NORMS, (run, *steps)), complete)
    try:
        norms: GradientNormHistory | None = None if result is None else result.value()
    except Problem:
        return ()
    return norms


def stored_weights(
    steps: Sequence[int], weights: WeightsReader, max_bytes: int = MAX_BYTES
) -> tuple[tuple[int, bytes], ...]:
    """Steps and their weights, of `max_bytes` together, first those that are far apart."""
    contents: list[tuple[int, bytes]] = []
    room = max_bytes
    for step in [step for start in range(PASSES) for step in steps[start::PASSES]]:
        try:
            content = weights(step)
        except Problem:
            continue  # the figure has a gap there
        room -= len(content or b"")
        if room < 0 and contents:
            break
        if content is not None:
            contents.append((step, content))
    return tuple(contents)
