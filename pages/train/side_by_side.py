"""Side by side
:material/directions_run:
RNN, GRU and LSTM learn the same task at the same time: see who remembers, and watch how.
"""

from rnnviz.ui import controls, race, show
from rnnviz.ui.language import _

show.header(__doc__)

controls.try_this(
    [
        (_("Delayed recall with lag 10: who remembers?"), {"race.task": "delayed_recall"}),
    ]
)
race.arena(race.settings("delayed_recall"))
