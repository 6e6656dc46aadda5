"""Truncated backpropagation through time: scissors in the chain, the angle, and the cost."""

import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import listings
from rnnviz.ideas.learning.hello import LossAt
from rnnviz.ideas.learning.results import LENGTHS, PIECE, Cost
from rnnviz.ideas.learning.truncation import S, Truncation
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_finding
from rnnviz.ui.ideas.learning import ranges
from rnnviz.ui.ideas.learning.cuts_picture import chain
from rnnviz.ui.ideas.learning.parts import CACHED, Part, draw_part, part
from rnnviz.ui.ideas.learning.step import loss_control
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.shared_cache import shared

VIEWS = {"angle": N_("What is lost"), "cost": N_("What it costs")}
CUT = "rnnviz.ideas.learning.truncation:truncation"
MEASURE = "rnnviz.ideas.learning.cost:measure_cost"
ROUGH, FAR = 15.0, 45.0
"""Degrees up to which a cut gradient is nearly the full one, and from which it is another."""


def draw() -> None:
    """Draw the controls and the chosen view."""
    views = {code: _(title) for code, title in VIEWS.items()}
    help = _("How wrong the gradient becomes, or what is saved.")
    view = controls.choose("learning.measure", _("View"), views, "angle", help=help)
    if view == "cost":
        measured: Cost = computed(MEASURE)
        draw_part(
            _cost(current(), show.theme(), measured), "cost", lambda: (listings.memory(measured),)
        )
        return
    columns = st.columns([1, 1.2, 1.2], gap="medium")
    with columns[0]:
        loss_at = loss_control()
    with columns[1]:
        help = _("How many time steps the whole sequence has.")
        length = controls.slider("learning.length", "", ranges.LENGTH, 40, help=help)
    with columns[2]:
        piece = controls.slider(
            "learning.piece",
            "",
            ranges.PIECE,
            10,
            help=_("After so many time steps the gradient is cut; the state runs on."),
        )
    result: Truncation = computed(CUT, length, piece, loss_at)
    angles = _angle(length, piece, loss_at, current(), show.theme(), result)
    draw_finding(_finding(length, piece, result))
    draw_picture(
        chain(length, piece, loss_at, current(), result),
        key="learning.chain",
        pick="learning.piece",
    )
    draw_part(
        angles,
        "angle",
        lambda: (listings.angle(length, piece, loss_at, result.angle),),
    )


def _finding(length: int, piece: int, result: Truncation) -> Message:
    share = result.saved / result.saved_full
    values = {
        "piece": min(piece, length),
        "angle": f"{result.angle:.0f}",
        "share": f"{share:.0%}",
    }
    template = (
        N_("No cut: the gradient is the full one, and all {piece} steps are remembered")
        if piece >= length
        else N_(
            "Cut every {piece} {piece:step|steps}, the gradient nearly keeps its direction"
            " ({angle}°) for {share} of the memory"
        )
        if result.angle <= ROUGH
        else N_(
            "Cut every {piece} {piece:step|steps}, the gradient turns by {angle}°, with {share}"
            " of the memory"
        )
        if result.angle < FAR
        else N_(
            "Cut every {piece} {piece:step|steps}, the gradient points elsewhere: {angle}° off, for"
            " {share} of the memory"
        )
    )
    return Message(template, values)


@shared(max_entries=CACHED)
def _angle(
    length: int, piece: int, loss_at: LossAt, language: str, theme: Theme, _result: Truncation
) -> Part:
    from rnnviz.figures import learning as figures

    why = [
        _(
            "Truncated backpropagation through time (truncated BPTT) lets the state run on, but"
            " stops the gradient at every cut: 0° would be the full gradient of all weights, 90°"
            " has nothing to do with it. Median of {networks} random RNNs.",
            networks=S,
        )
    ]
    if loss_at == "last" and piece < length:
        why.append(
            _(
                "With a loss at the last step only, nothing before the last cut learns: {count} of"
                " {length} steps have a gradient.",
                count=int((_result.cut > 0).sum()),
                length=length,
            )
        )
    claim = Claim(
        Message(N_("Long data are cut into pieces of a suitable length, and each is walked back.")),
        Verdict.HALF_RIGHT,
        Message(
            N_(
                "It saves memory, {saved} of {all} numbers, but it is another gradient: {angle}°"
                " from the full one here, and {one}° if cut at every step."
            ),
            {
                "saved": _result.saved,
                "all": _result.saved_full,
                "angle": f"{_result.angle:.0f}",
                "one": f"{_result.angles[0]:.0f}",
            },
        ),
    )
    return part(
        figures.truncation_angles(_result, piece, _),
        Message(N_("How far the gradient turns, by the length of a piece")),
        " ".join(why),
        _("A line: the angle to the full gradient by the number of steps in a piece."),
        claim,
        {"piece": _result.pieces, "angle": _result.angles},
        theme,
    )


@shared(max_entries=CACHED)
def _cost(language: str, theme: Theme, _measured: Cost) -> Part:
    from rnnviz.figures import learning as figures

    longer = LENGTHS[-1] / LENGTHS[0]
    memory = _measured.memory[-1] / _measured.memory[0]
    values = {
        "longer": f"{longer:g}",
        "memory": f"{memory:.1f}",
        "cut": f"{_measured.cut_memory[-1] / _measured.cut_memory[0]:.1f}",
        "time": f"{_measured.times[-1]:.0f}",
        "piece": PIECE,
    }
    claim = Claim(
        Message(N_("Backpropagation through time costs in proportion to the length of the data.")),
        Verdict.RIGHT,
        Message(
            N_(
                "{longer} times as many steps take {memory} times the memory; a training step,"
                " measured on this machine, takes {time} times the processor time."
            ),
            values,
        ),
    )
    return part(
        figures.cost_curves(_measured, _),
        Message(
            N_(
                "{longer} times the length takes {memory} times the memory; cut every {piece}"
                " steps, it takes {cut} times"
            ),
            values,
        ),
        _(
            "To walk back, every step must be remembered: the memory is what PyTorch's autograd"
            " saves, counted tensor by tensor. Scissors bound the memory but not the time, because"
            " every step is still computed, forward and backward. Time is a ratio, measured once:"
            " it differs from machine to machine."
        ),
        _("Two charts over the length of the sequence: memory above, time below."),
        claim,
        {
            "length": LENGTHS,
            "bytes": _measured.memory,
            "bytes_cut": _measured.cut_memory,
            "time": _measured.times,
            "time_cut": _measured.cut_times,
        },
        theme,
    )
