"""Step through
:material/directions_walk:
Follow a text through an RNN, an LSTM and a GRU, token by token and back again,
with every number that they compute.
order: 10
"""

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.ui import controls, show, step
from rnnviz.ui.language import _

show.header(__doc__)

with st.container(horizontal=True, vertical_alignment="bottom"):
    example = controls.choose(
        "step.example",
        _("Text"),
        {"time": "What time is it?", "hello": "hello", "own": _("Your own text")},
        "time",
    )
    cells = controls.several("step.cells", _("Cells"), step.CELL_NAMES, list(step.CELL_NAMES))
    weights = controls.choose(
        "step.weights",
        _("Weights"),
        {"trained": _("trained"), "untrained": _("untrained")},
        "trained",
        help=_("Trained live on first use, then kept for everyone."),
    )

text, unit = "", "word"
if example == "own":
    text = controls.text(
        "step.text", _("Your own text"), "Will it rain in Seoul tomorrow?", limit=step.TEXT_LIMIT
    )
    unit = controls.choose(
        "step.unit",
        _("Read it"),
        {"word": _("word by word"), "character": _("character by character")},
        "word",
        help=_("Word by word it is read by the intent model; by character, trained on itself."),
    )

with st.expander(_("Size and seed"), icon=":material/tune:"):
    units, depth, start = st.columns(3)
    hidden = controls.slider("step.hidden", "", step.HIDDEN, 16, where=units)
    layers = controls.slider("step.layers", "", step.LAYERS, 1, where=depth)
    seed = controls.slider(
        "step.seed", "", step.SEED, 0, where=start, help=_("Decides the starting weights.")
    )

try:
    found = step.lesson(
        step.Asked(example, text, unit, tuple(cells), hidden, layers, seed, weights)
    )
except Problem as problem:
    show.problem(problem)
else:
    for warning in found.warnings:
        st.warning(show.plain(warning), icon=":material/info:")
    step.walk(found)
    for remark in found.remarks:
        st.caption(show.plain(remark))
    step.words_left(found)

controls.try_this([(_(told), settings) for told, settings in step.TO_TRY])
