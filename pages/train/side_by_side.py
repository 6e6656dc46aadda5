"""Side by side
:material/directions_run:
Up to six models learn the same task at the same time: see who remembers, and watch how.
"""

from rnnviz.names import FIRST_CELLS
from rnnviz.ui import controls, race, show
from rnnviz.ui.language import _

show.header(__doc__)
race.draw_page("delayed_recall")

# How each of these races ends was measured over five seeds; tests/test_try_this.py checks it.
SHORT = {"race.task": "delayed_recall", "race.lag": 10, "race.lr": 0.01, "race.steps": 300}
LONG = {"race.task": "delayed_recall", "race.lag": 80, "race.lr": 0.02, "race.steps": 700}
WEATHER = {"race.task": "weather", "race.hidden": 16, "race.lr": 0.003, "race.steps": 300}
TAGS = {
    "race.task": "tags",
    "race.context": "right",
    "race.hidden": 16,
    "race.lr": 0.01,
    "race.steps": 300,
}
ALPHABET = {
    "race.task": "alphabet",
    "race.order": "forwards",
    "race.hidden": 32,
    "race.lr": 0.03,
    "race.steps": 100,
}
CELLS = {"race.cells": list(FIRST_CELLS)}
GATED = [cell for cell in FIRST_CELLS if cell != "rnn"]
UNITS = {"race.hidden": 16, "race.fair": "units"} | CELLS
controls.suggestion_buttons(
    [
        (_("Delayed recall with lag 10: who remembers?"), SHORT | UNITS),
        (_("The same with lag 80: who remembers now?"), LONG | UNITS),
        (
            _("Lag 80 with the same number of parameters: do more units help the RNN?"),
            LONG | CELLS | {"race.hidden": 16, "race.fair": "parameters"},
        ),
        (
            _("Intents of short sentences: does the cell make a difference?"),
            {"race.task": "intents", "race.lr": 0.01, "race.steps": 300} | UNITS,
        ),
        (
            _("The weather in 24 hours: does any model beat persistence?"),
            WEATHER | {"race.cells": ["gru", "dense", "convolution", "convolution_gru"]},
        ),
        (
            _("Parts of speech that depend on the words to the right: one direction or two?"),
            TAGS | {"race.cells": [*GATED, "lstm_both", "gru_both"]},
        ),
        (
            _("The alphabet, learned from A to Z: can it be said backwards?"),
            ALPHABET | CELLS | {"race.asked": "backwards", "race.fair": "units"},
        ),
        (
            _("The alphabet, learned from A to Z: can it go on from F?"),
            ALPHABET | CELLS | {"race.asked": "from_f", "race.fair": "units"},
        ),
    ],
    scroll_up=True,
)
