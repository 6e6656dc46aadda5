"""Step through
:material/directions_walk:
Follow a text through an RNN, an LSTM and a GRU, token by token and back again,
with every number that they compute.
order: 10
"""

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.ui import controls, permalink, show, step
from rnnviz.ui.cell_help import cell_help
from rnnviz.ui.language import _

show.header(__doc__)


def live_lesson() -> step.Lesson:
    """The controls of the examples, and the lesson that they describe."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        example = controls.choose(
            "step.example",
            _("Text"),
            {
                "time": step.SENTENCE,
                "korean": step.KOREAN_SENTENCE,
                "hello": "hello",
                "own": _("Your own text"),
            },
            "time",
            help=_("The Korean sentence asks the same; a model trained on Korean reads it."),
        )
        cells = controls.choose_several(
            "step.cells", _("Cells"), step.CELL_NAMES, list(step.FIRST_CELLS), help=cell_help()
        )
        weights = controls.choose(
            "step.weights",
            _("Weights"),
            {"trained": _("trained"), "untrained": _("untrained")},
            "trained",
            help=_("Trained on first use, then shared by all visitors."),
        )

        with controls.popover(_("Size and seed"), key="step.size.open", icon=":material/tune:"):
            hidden = controls.slider("step.hidden", "", step.HIDDEN_UNITS, 16)
            layers = controls.slider("step.layers", "", step.LAYERS, 1)
            seed = controls.slider(
                "step.seed", "", step.SEED, 0, help=_("Decides the starting weights.")
            )

    text, unit, reader = "", "word", "script"
    if example == "own":
        left, middle, right = st.columns([8, 4, 7], vertical_alignment="bottom")
        text = controls.text(
            "step.text",
            _("Your own text"),
            step.OWN_TEXT,
            limit=step.TEXT_LIMIT,
            container=left,
        )
        unit = controls.choose(
            "step.unit",
            _("Read it by"),
            {"word": _("words"), "character": _("characters")},
            "word",
            help=_(
                "The intent model reads words; a text read by characters trains models of its own."
            ),
            container=middle,
        )
    if example == "own" and unit == "word":
        guess = _(step.INTENT_LANGUAGES[step.script_language(text)])
        languages = {code: _(name) for code, name in step.INTENT_LANGUAGES.items()}
        reader = controls.choose(
            "step.reader",
            _("Intent model"),
            {"script": _("by script: {language}", language=guess), **languages},
            "script",
            help=_("A text of which at least half of the words are in Hangul is read as Korean."),
            container=right,
        )
    settings = step.LessonSettings(
        example,  # type: ignore[arg-type]
        text,
        unit,  # type: ignore[arg-type]
        reader,  # type: ignore[arg-type]
        tuple(cells),
        hidden,
        layers,
        seed,
        weights,  # type: ignore[arg-type]
    )
    with st.container():  # What has to be computed says so here, and leaves nothing behind.
        return step.text_lesson(settings)


def draw_lesson() -> None:
    """Draw the controls, the stage, what is remembered, and things to try."""
    run = step.linked_run()
    lesson: step.Lesson | None = None
    try:
        lesson = step.stored_run_lesson(run) if run else live_lesson()
    except Problem as problem:
        show.problem(problem)

    if lesson:
        for warning in lesson.warnings:
            st.warning(show.escape_markdown(warning), icon=":material/info:")
        step.show_stage(lesson)
        step.show_download(lesson)
        for remark in lesson.remarks:
            st.caption(show.escape_markdown(remark))

    if not run:
        step.show_suggestions()
    if lesson:
        step.show_memory(lesson)


permalink.fragment(draw_lesson)
