"""Kinds of problems
:material/account_tree:
One to one, one to many, many to one, many to many: see a small model of each kind at work.
order: 30
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas import kinds

show.header(__doc__)
permalink.fragment(kinds.draw_page)
