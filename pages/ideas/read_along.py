"""Read along
:material/menu_book:
Five articles about recurrent networks, idea by idea: each opens where it can be touched.
order: 0
"""

import streamlit as st

from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.pages import IDEAS, all_pages

show.header(__doc__)
for page in all_pages():
    if page.section == IDEAS and page.card.order:
        st.page_link(page.path, label=f"**{_(page.card.title)}**", icon=page.card.icon)
        st.markdown(show.escape_markdown(_(page.card.sentence)))
