"""Forecasting
:material/thermostat:
Cut windows from the weather, guess tomorrow's temperature, and see what beats “as it is now”.
order: 90
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas.forecasting import draw_page

show.header(__doc__)
permalink.fragment(draw_page)
