"""Shapes and layers
:material/deployed_code:
See what a recurrent layer reads and returns: its shapes, its weights, the place of its last states.
order: 20
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas import shapes

show.header(__doc__)
permalink.fragment(shapes.draw)
