"""What a race came to: its verdict, a table of results, the numbers to download."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import N_
from rnnviz.settings import rules
from rnnviz.ui import show
from rnnviz.ui.language import _, current, say
from rnnviz.ui.live import ContestantView
from rnnviz.ui.race import results
from rnnviz.ui.race.contestant_views import version
from rnnviz.ui.race.verdict import VerdictText, draw_verdict, join_names, verdict_text
from rnnviz.ui.run_text import examples_text
from rnnviz.ui.services.baselines import task_baselines
from rnnviz.ui.services.training import RaceSetup
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.tasks import Task

SEPARATE_EXAMPLES = N_(
    "A difference from a baseline counts only if it exceeds two standard errors, computed "
    "over {count} separate {count:example|examples}."
)
SEPARATE_ANSWERS = N_(
    "A difference from a baseline counts only if it exceeds two standard errors, computed "
    "over {count} separate answers."
)


@dataclass(frozen=True)
class Outcome:
    """What a race came to, ready to be drawn in one language.

    `verdict`: None without finished models or as long as there are no baselines, which
    `is_pending` tells apart. `notes` and `measurement` are Markdown, `table` is HTML, `numbers` is
    that table to download.
    """

    verdict: VerdictText | None
    is_pending: bool
    changes: str
    notes: tuple[str, ...]
    table: str
    measurement: str
    numbers: pd.DataFrame


def draw_outcome(setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView) -> None:
    """Draw the verdict on the contestants that finished, and the results of all."""
    task = setup.experiments[0].task
    has_baselines = [task_baselines(task, split) is not None for split in ("validation", "test")]
    results_known = tuple(run.result is not None for run in race.runs)
    moment = (race.race_id, version(contestants), results_known, *has_baselines)
    outcome = _outcome(setup.key, moment, current(), setup, contestants, race)
    if outcome.verdict is not None or outcome.is_pending:
        draw_verdict(outcome.verdict)
    if outcome.changes:
        st.caption(outcome.changes)
    for note in outcome.notes:
        st.markdown(note)
    # Its style is that of the live view, which is always on the same page.
    st.html(outcome.table)
    st.caption(outcome.measurement)
    show.download(outcome.numbers, key="race.results.csv", label=_("Results (CSV)"))


@shared(max_entries=100)
def _outcome(
    key: str,
    moment: Hashable,
    language: str,
    _setup: RaceSetup,
    _contestants: Sequence[ContestantView],
    _race: RaceView,
) -> Outcome:
    """What a race of the setup with this key came to at one `moment`."""
    first = _setup.experiments[0]
    run_results = {
        view.name: [run.result for run in own if run.result is not None]
        for view, own in zip(_contestants, _runs(_setup, _race), strict=True)
    }
    finished = {name: own for name, own in run_results.items() if own}
    pairs = zip(_contestants, _setup.experiments, strict=False)
    specs = {view.name: each.model for view, each in pairs}
    verdict = verdict_text(first, _contestants, finished, specs) if finished else None
    titles = [*results.column_titles(first.task).values()]
    rows = [
        results.contestant_row(view, runs)
        for view, runs in zip(_contestants, _runs(_setup, _race), strict=True)
    ] + results.baseline_rows(first.task)
    texts = [[*results.cell_texts(first.task, row).values()] for row in rows]
    multiply_adds = _(
        "Multiply-adds: of the forward pass of one training step, the mean over the first batches, "
        "each padded to its longest sequence. The backward pass takes about twice as many more."
    )
    return Outcome(
        verdict,
        bool(finished) and verdict is None,
        _changed_settings(_race) if finished else "",
        tuple(map(show.escape_markdown, _notes(first.task, _contestants, run_results))),
        table_html(titles, texts, _("Results of the race")),
        f"{_measurement_note(first.task)} {multiply_adds}",
        results.results_table(first.task, rows),
    )


def _runs(setup: RaceSetup, race: RaceView) -> list[Sequence[RunView]]:
    """The runs of each contestant."""
    return [race.runs[number :: setup.contestants] for number in range(setup.contestants)]


def _notes(
    task: "Task", contestants: Sequence[ContestantView], run_results: Mapping[str, Sequence[Any]]
) -> list[str]:
    """Why some contestants have no score that says what they learned."""
    notes = []
    untrained = [view.name for view in contestants if view.has_untrained_score]
    if untrained:
        note = _(
            "Stopped before the first evaluation, so the score does not show what was learned: "
            "{names}.",
            names=join_names(untrained),
        )
        notes.append(note)
    unscored = [name for name, own in run_results.items() if not own]
    if unscored and task.final_split == "test":
        note = _(
            "Only a run that ends by itself is measured on the test examples. No test score: "
            "{names}.",
            names=join_names(unscored),
        )
        notes.append(note)
    return notes


def draw_failures(setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView) -> None:
    """Report why a model failed, as soon as it has: the others race on."""
    for number, run in enumerate(race.runs):
        name = contestants[number % setup.contestants].name
        if run.state == "failed" and run.reason is not None:
            note = _("{cell} did not finish. {reason}", cell=name, reason=say(run.reason))
            st.error(show.escape_markdown(note), icon=":material/error:")


def _changed_settings(race: RaceView) -> str:
    """The settings that were changed while the race ran, in a sentence; "" if none were."""
    from rnnviz.training import Optimiser

    changes = [values for run in race.runs for _step, values in run.facts.get("changes") or ()]
    labels = [
        _(rule.label)
        for name, rule in rules(Optimiser).items()
        if any(name in values for values in changes)
    ]
    if not labels:
        return ""
    return _("Changed while the race was running: {settings}.", settings=", ".join(labels))


def _measurement_note(task: "Task") -> str:
    """On which examples everything was measured, and when a difference counts."""
    split = task.final_split
    loss = _(
        "The loss of a model is its training loss; the losses of the baselines are on the "
        "same examples as their scores."
    )
    sentences = [examples_text(task), loss]
    if not task.memorised:  # of those, the examples are all there are
        count = len(task.evaluation_batch(split))
        effective = task.effective_size(count, split)
        # More than there are examples: of the alphabet every letter is an answer of its own.
        template = SEPARATE_EXAMPLES if effective <= count else SEPARATE_ANSWERS
        sentences.append(_(template, count=effective))
    return " ".join(sentences)


# The roles are a table's own, which it loses in some browsers when it is laid out as cards.


def table_html(titles: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> str:
    """A table, on a phone a card for each row; the first column names the rows.

    A card leaves out the cells that are empty.
    """
    titles = [title[:1].upper() + title[1:] for title in titles]
    head = "".join(f'<th role="columnheader" scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(_row_html(titles, row) for row in rows)
    return (
        f'<div class="rnnviz-results rnnviz-rows"><table role="table" aria-label="{escape(label)}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row_html(titles: Sequence[str], row: Sequence[str]) -> str:
    cells = "".join(
        f'<td role="cell" data-title="{escape(title)}">{escape(text)}</td>'
        for title, text in zip(titles[1:], row[1:], strict=True)
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{escape(row[0])}</th>{cells}</tr>'
