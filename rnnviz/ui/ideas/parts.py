"""The finding above a picture; below it the article's claim and the listing."""

from collections.abc import Callable, Sequence

import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message
from rnnviz.ui import show
from rnnviz.ui.language import _, say

VERDICTS = {
    Verdict.RIGHT: (N_("right"), "green"),
    Verdict.HALF_RIGHT: (N_("half right"), "orange"),
    Verdict.WRONG: (N_("wrong"), "red"),
}
"""By verdict: what the tag says, and its colour."""


def draw_finding(finding: Message) -> None:
    """Draw what the picture shows, in one sentence, above it."""
    st.subheader(show.escape_markdown(say(finding)), anchor=False)


def draw_claim(claim: Claim) -> None:
    """Draw what an article says, marked as right, half right or wrong, and why."""
    word, colour = VERDICTS[claim.verdict]
    text, finding = (show.escape_markdown(say(part)) for part in (claim.text, claim.finding))
    st.markdown(f":{colour}-badge[{_(word)}] “{text}” {finding}")


def draw_listings(listings: Callable[[], Sequence[Listing]], *, key: str) -> None:
    """Draw what opens the programs with which the page's numbers can be checked.

    `listings` is called only while it is open.
    """
    box = st.expander(_("Check it yourself"), icon=":material/code:", key=key, on_change="rerun")
    if not box.open:
        return
    programs = listings()
    with box:
        tabs = st.tabs([program.language for program in programs])
        for tab, program in zip(tabs, programs, strict=True):
            with tab:
                st.code(program.code, language="python")
                st.caption(_("It prints:"))
                st.code(program.output, language=None)
