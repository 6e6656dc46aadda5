"""Convolution or recurrence
:material/width_normal:
A window slides over a text: how far it sees, what it cannot know of order, and what it costs.
order: 60
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas.convolution import draw_page

show.header(__doc__)
permalink.fragment(draw_page)
