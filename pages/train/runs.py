"""Runs
:material/history:
Every run is stored while it trains: find it again, compare, resume, and download it.
order: 120
"""

from rnnviz.ui import runs, show

show.header(__doc__)
runs.draw_page()
