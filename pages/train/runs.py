"""Runs
:material/history:
Every training is kept as it happens: find it again, compare, resume, and take it with you.
order: 120
"""

from rnnviz.ui import runs, show

show.header(__doc__)
runs.draw_page()
