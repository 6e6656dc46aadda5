"""Text into numbers
:material/tag:
Follow a text from its words to the vectors that a network reads.
order: 10
"""

from rnnviz.ui import show
from rnnviz.ui.ideas.text import draw_page

show.header(__doc__)
draw_page()
