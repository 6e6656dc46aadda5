"""Read along
:material/menu_book:
Five articles about recurrent networks, idea by idea: each opens where it can be touched.
order: 0
"""

from rnnviz.ui import show
from rnnviz.ui.ideas import reading

show.header(__doc__)
reading.draw_page()
