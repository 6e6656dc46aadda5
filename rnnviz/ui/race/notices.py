"""What a visitor has to know about a race besides its results: why it ended, which one it is."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.jobs.records import END_STATES
from rnnviz.ui import permalink, show
from rnnviz.ui.language import _, say
from rnnviz.ui.live.changes import setting_texts
from rnnviz.ui.race.restore import address_of
from rnnviz.ui.race.verdict import join_names
from rnnviz.ui.services.browser_races import BrowserRace
from rnnviz.ui.services.last_race import StoredRace
from rnnviz.ui.services.race_session import RaceSession, is_same_race
from rnnviz.ui.services.store import store_problem
from rnnviz.ui.services.training import RaceSetup, live_settings


def draw_notices(
    tab: RaceSession,
    setup: RaceSetup,
    race: BrowserRace | None,
    view: RaceView | None,
    stored: StoredRace,
) -> None:
    """Draw the notices between the buttons and the live view; `setup` is that of the controls."""
    if stored.stopped_rows:
        _draw_interruption(stored)
    if tab.problem is not None:
        show.problem(tab.problem)
    if view is not None and view.reason is not None:
        st.info(show.escape_markdown(say(view.reason)), icon=":material/info:")
    if race is not None and view is not None and setup.experiments:
        _draw_other_settings(setup, race, is_active=view.state not in END_STATES)
    problem = store_problem()
    if problem is not None:
        show.problem(problem)
        st.caption(
            _(
                "Training still works: its runs are kept in memory, and stored as soon as that is "
                "possible."
            )
        )
    elif view is not None and view.store_problem is not None:
        st.warning(show.escape_markdown(say(view.store_problem)), icon=":material/save:")


def _draw_interruption(stored: StoredRace) -> None:
    """Say how the latest training of this browser ended, which this server has not trained."""
    from rnnviz.tasks import TASKS

    rows = stored.stopped_rows
    name = rows[0].task or "—"
    note = _(
        "Your latest training ended early: {task}, {count} {count:model|models}, at step {step}.",
        task=_(TASKS[name].title) if name in TASKS else name,
        count=len(rows),
        step=max(row.steps for row in rows),
    )
    reason = "" if rows[0].reason is None else say(rows[0].reason)
    st.info(show.escape_markdown(f"{note} {reason}"), icon=":material/info:")


def _draw_other_settings(setup: RaceSetup, race: BrowserRace, *, is_active: bool) -> None:
    """Say which race is shown where the controls describe another one, and offer its settings."""
    if not is_same_race(setup, race.setup):
        note = _(
            "The race below has other settings: {settings}. The controls apply to the next start.",
            settings=race_text(race.setup),
        )
        st.info(show.escape_markdown(note), icon=":material/info:")
    elif is_active and (changed := _live_differences(setup, race)):
        note = _("The race trains with other values: {settings}.", settings=", ".join(changed))
        st.info(show.escape_markdown(note), icon=":material/info:")
    else:
        return
    address = address_of(race)
    if address is not None:
        st.button(
            _("Set the controls to this race"),
            key="race.show_settings",
            icon=":material/tune:",
            type="tertiary",
            on_click=permalink.open_address,
            args=("race.", address),
        )


def _live_differences(setup: RaceSetup, race: BrowserRace) -> list[str]:
    """What the race trains with where the controls show another value, as the view writes it."""
    controls = live_settings(setup.experiments[0].optimiser)
    values: Mapping[str, float | None] = {
        name: value for name, value in race.live_settings.items() if controls[name] != value
    }
    return setting_texts(values)


def race_text(setup: RaceSetup) -> str:
    """A race in a few words: its task, its models, their size, how long they train."""
    from rnnviz.races.setup import model_title

    first = setup.experiments[0]
    models = [_(model_title(each.model)) for each in setup.experiments[: setup.contestants]]
    parts = {"task": _(first.task.title), "models": join_names(models)}
    units = sorted({each.model.hidden for each in setup.experiments})
    size = f"{units[0]}" if len(units) == 1 else f"{units[0]}–{units[-1]}"
    if first.optimiser.seconds is not None:
        length = _("{seconds} s", seconds=f"{first.optimiser.seconds:g}")
        return _(
            "{task}, {models} with {units} units, at most {length}",
            units=size,
            length=length,
            **parts,
        )
    count = first.optimiser.steps
    return _(
        "{task}, {models} with {units} units, {count} training {count:step|steps}",
        units=size,
        count=count,
        **parts,
    )
