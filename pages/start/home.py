"""Home
:material/home:
A recurrent network reads a sentence one token at a time and carries a memory along: here you see every number of it.
"""

from rnnviz.ui import show

show.header(__doc__)
