"""The shapes of a stack of convolutions, and what it costs beside a recurrent layer."""

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message, Problem
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.convolution.controls import (
    dilation_slider,
    kernel_slider,
    layers_slider,
    pool_slider,
)
from rnnviz.ui.ideas.convolution.cost import draw_cost
from rnnviz.ui.ideas.convolution.shapes_picture import picture
from rnnviz.ui.language import _, current, say
from rnnviz.ui.picture import draw
from rnnviz.ui.shared_cache import shared

STEPS = Range(50, 2000, label=N_("Time steps T"), logarithmic=True)


def draw_stack() -> None:
    """Draw the stations of the stack, then the cost as sequences grow."""
    with controls.folded_on_phone("convolution-stack-settings"):
        row = st.columns(4)
        steps = controls.slider(
            "convolution.steps", "", STEPS, 500, help=_("The words of a review."), container=row[0]
        )
        padding = controls.choose(
            "convolution.padding",
            _("Padding"),
            {"valid": "valid", "causal": "causal"},
            "valid",
            help=_(
                "valid: only whole windows, so the sequence gets shorter. causal: zeros before it,"
                " so that it keeps its length and no step sees the future."
            ),
            container=row[1],
        )
        pooling = controls.choose(
            "convolution.pool_by",
            _("Pooling by"),
            {"max": _("maximum"), "average": _("average")},
            "max",
            help=_("What stands for the steps of a window, and in the end for all steps."),
            container=row[2],
        )
        pool = pool_slider(row[3])
        lower = st.columns(3)
        kernel, layers = kernel_slider(lower[0]), layers_slider(lower[1])
        dilation = dilation_slider(lower[2])
    arguments = (steps, kernel, dilation, layers, pool, padding, pooling)
    try:
        finding, drawing, claim = _view(*arguments, current())
    except Problem as problem:
        st.warning(show.escape_markdown(say(problem)))
    else:
        draw_finding(finding)
        draw(drawing, key="convolution.shapes")
        st.caption(
            _(
                "The network of the book for film reviews: 10,000 words, vectors of 128 numbers, 32"
                " filters. A shape is (time, features) of one review; the batch comes before it."
                " The wider a box, the more time steps; the higher, the more features."
            )
        )
        draw_claim(claim)
        draw_listings(lambda: _listings(*arguments), key="convolution.stack.code")
    draw_cost(kernel, pool)


@shared(max_entries=200)
def _view(
    steps: int,
    kernel: int,
    dilation: int,
    layers: int,
    pool: int,
    padding: str,
    pooling: str,
    language: str,
) -> tuple[Message, Markup, Claim]:
    from rnnviz.ideas.convolution import StackShape, stations
    from rnnviz.ideas.convolution.claims import shape_claim

    shape = StackShape(steps, kernel, dilation, layers, pool, padding, pooling)  # type: ignore[arg-type]
    rows = stations(shape)
    last = [row for row in rows if row.name == "Conv1D"][-1].shape[0]
    values = {"T": steps, "left": last, "count": layers}
    if last == steps:
        finding = N_(
            "All {T} time steps are left after {count} {count:convolution|convolutions}; global"
            " pooling makes one vector of 32 numbers of them"
        )
    else:
        finding = N_(
            "Of {T} time steps {left} {left:is|are} left at the end of the stack; global pooling"
            " makes one vector of 32 numbers of them"
        )
    return Message(finding, values), picture(rows), shape_claim(shape, rows)


@shared(max_entries=50)
def _listings(
    steps: int, kernel: int, dilation: int, layers: int, pool: int, padding: str, pooling: str
) -> tuple[Listing, ...]:
    from rnnviz.ideas.convolution import StackShape, stations
    from rnnviz.ideas.convolution.listings import shape_listings

    shape = StackShape(steps, kernel, dilation, layers, pool, padding, pooling)  # type: ignore[arg-type]
    return shape_listings(shape, stations(shape))
