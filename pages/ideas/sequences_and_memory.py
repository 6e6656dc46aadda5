"""Sequences and memory
:material/sports_tennis:
Why order is information: guess a ball, say the alphabet backwards, shuffle a sentence, see a tone.
order: 50
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas import sequences

show.header(__doc__)
permalink.fragment(sequences.draw)
