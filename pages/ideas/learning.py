"""Learning
:material/model_training:
Follow one training step number by number; then change its size, depth, activation, cuts and data.
order: 40
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas import learning

show.header(__doc__)
permalink.fragment(learning.draw)
