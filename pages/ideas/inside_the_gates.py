"""Inside the gates
:material/waves:
Hold the gates of one LSTM or GRU unit by hand, and watch its memory rise, leak and last.
order: 80
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas.gates import draw_page

show.header(__doc__)
permalink.fragment(draw_page)
