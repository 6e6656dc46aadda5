"""The pieces of surnames that the filters of a trained convolution look for."""

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_finding
from rnnviz.ui.ideas.convolution.controls import kernel_slider
from rnnviz.ui.ideas.convolution.fragments_picture import picture
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.convolution import Fragments

MAX_NAME = 20
SEED = 1


def draw_fragments() -> None:
    """Draw the filters that say most, and where they answer in the visitor's name."""
    row = st.columns(2)
    name = controls.text(
        "convolution.name",
        _("A surname"),
        "Papadopoulos",
        limit=MAX_NAME,
        help=_("In Latin letters, as in the data; other characters are unknown to the network."),
        container=row[0],
    )
    kernel = kernel_slider(row[1])
    net: Fragments = computed("rnnviz.ideas.convolution:learn_fragments", kernel, SEED)
    finding, drawing, claim = _view(kernel, name, current(), show.theme(), net)
    draw_finding(finding)
    draw(drawing, key="convolution.fragments")
    st.caption(
        _(
            "A convolution with 32 filters and global max pooling, trained for 400 steps on"
            " surnames of 18 languages. These filters say most about a language; beside each stand"
            " the pieces to which it answers often and strongly (^ is the beginning of a name)."
            " Purple: what the filter answers where its window ends; pooling keeps the darkest. A"
            " blue frame: the window in which it finds its pattern."
        )
    )
    draw_claim(claim)


@shared(max_entries=200)
def _view(
    kernel: int, name: str, language: str, theme: Theme, _net: "Fragments"
) -> tuple[Message, Markup, Claim]:
    from rnnviz.ideas.convolution.claims import fragment_claim, most_telling
    from rnnviz.ideas.convolution.fragments import strongest
    from rnnviz.tasks.classify.surnames import LANGUAGES

    answer = strongest(_net, name) if name else None
    each = answer[0] if answer else most_telling(_net)
    values = {
        "name": name,
        "piece": answer[1] if answer else each.fragments[0],
        "language": Message(LANGUAGES[each.language]),
        "share": each.share,
        "base": each.base,
    }
    if kernel == 1:
        finding = N_(
            "A window of one letter knows letters, no fragments: “{piece}” makes {language}"
            " {share:.0%} likely, against {base:.1%} of all names"
        )
    elif answer:
        finding = N_(
            "In “{name}” one filter answers to “{piece}”: of the names where it does, {share:.0%}"
            " are {language}, of all names {base:.1%}"
        )
    elif name:
        finding = N_(
            "None of these filters finds its pattern in “{name}”; the most telling one looks for"
            " “{piece}”: {share:.0%} {language}, of all names {base:.1%}"
        )
    else:
        finding = N_(
            "The most telling filter looks for “{piece}”: of the names that have it, {share:.0%}"
            " are {language}, of all names {base:.1%}"
        )
    return Message(finding, values), picture(_net, name, theme), fragment_claim(_net)
