"""The live view of a race as it is sent: made once for all tabs that show the same."""

from collections.abc import Hashable, Sequence

from rnnviz.jobs import RaceView
from rnnviz.ui import live
from rnnviz.ui.language import current
from rnnviz.ui.live import ContestantView
from rnnviz.ui.race.contestant_views import version
from rnnviz.ui.race.history_slider import saved_steps, views_at_step
from rnnviz.ui.race.shared import shared_view
from rnnviz.ui.services.baselines import task_baselines
from rnnviz.ui.services.training import RaceSetup
from rnnviz.ui.shared_cache import shared


def ready_view(
    setup: RaceSetup,
    contestants: Sequence[ContestantView],
    race: RaceView | None,
    step: int | None,
    *,
    running: bool,
) -> bytes:
    """The view of `race`, or of the untrained models, with the snapshots of the saved `step`."""
    race_id = None if race is None else race.race_id
    steps = tuple(saved_steps(setup, race))
    has_baselines = task_baselines(setup.experiments[0].task) is not None
    moment = (race_id, version(contestants), has_baselines)
    return _view(setup.key, moment, steps, step, running, current(), setup, contestants, race)


@shared(max_entries=100)
def _view(
    key: str,
    moment: Hashable,
    steps: tuple[int, ...],
    step: int | None,
    running: bool,
    language: str,
    _setup: RaceSetup,
    _contestants: Sequence[ContestantView],
    _race: RaceView | None,
) -> bytes:
    """The view of a race of the setup with this key at one `moment`."""
    first = _setup.experiments[0]
    if _race is not None and step is not None:
        _contestants = views_at_step(_setup, _contestants, _race, step)
    return live.ready_view(
        _contestants,
        shared_view(first, steps),
        live.sign_meanings(first.task),
        running=running,
    )
