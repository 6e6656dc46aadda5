"""Home
:material/home:
A recurrent network reads a sentence token by token and carries a memory along; here every number
of that memory is real, and you can watch each one.
"""

import streamlit as st

from rnnviz.ui import home, show
from rnnviz.ui.language import _

show.header(__doc__, title=_("What does a recurrent network remember?"))
st.markdown(
    _(
        "Step through it, see the gradient flow back, train three kinds of network side by side: "
        "PyTorch computes everything live, and every step is checked against PyTorch."
    )
)
demo = st.container()  # Filled last: the cards are there before PyTorch is imported.
home.draw_page_cards()
home.draw_suggestions()
with demo:
    home.draw_demo()
