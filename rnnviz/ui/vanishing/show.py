"""The figures of the page, each with its finding, computed from the numbers that it shows.

Each is finished once for all visitors who read the same settings in the same language and theme.
"""

from typing import TYPE_CHECKING

from rnnviz.names import CELL_NAMES
from rnnviz.palette import Theme
from rnnviz.ui import show
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.vanishing import tables
from rnnviz.ui.vanishing.findings import median_number, norms_caption, norms_title, per_cell

if TYPE_CHECKING:
    from rnnviz.gradient_flow import FlowResult, FlowSettings

CACHED_FIGURES = 200
"""Of each kind."""


def show_norms(result: "FlowResult") -> None:
    """Draw what is left of the gradient at every time step."""
    show.figure(
        _norms(result.settings, current(), show.theme(), result),
        key="vanishing.norms",
        data=lambda: tables.norms(result),
    )


@shared(max_entries=CACHED_FIGURES)
def _norms(
    settings: "FlowSettings", language: str, theme: Theme, _result: "FlowResult"
) -> show.ReadyFigure:
    from rnnviz import figures

    title = norms_title(_result)
    return show.finish(
        figures.gradient_norms(_result, _),
        title=title,
        caption=" ".join(norms_caption(_result)),
        alt=_(
            "Lines on a logarithmic scale: the norm of the gradient at each time step, one line"
            " per cell. {finding}",
            finding=title,
        ),
        theme=theme,
    )


def show_step_factors(result: "FlowResult") -> None:
    """Draw the factor of a step back, the largest possible one, and its bound."""
    show.figure(
        _step_factors(result.settings, current(), show.theme(), result),
        key="vanishing.factors",
        data=lambda: tables.factors(result),
    )


@shared(max_entries=CACHED_FIGURES)
def _step_factors(
    settings: "FlowSettings", language: str, theme: Theme, _result: "FlowResult"
) -> show.ReadyFigure:
    from rnnviz import figures

    actual = per_cell({cell: flow.median_factor for cell, flow in _result.flows.items()})
    bounded = _result.bounded_flow
    if bounded is not None and bounded.bound is not None:
        title = _(
            "A step back multiplies the gradient of the whole state by {got}; in the {cell} at most"
            " {largest} was possible, and the bound is {bound}",
            got=actual,
            cell=CELL_NAMES[bounded.cell],
            largest=median_number(bounded.largest_factor),
            bound=median_number(bounded.bound),
        )
    else:
        largest = {cell: flow.largest_factor for cell, flow in _result.flows.items()}
        title = _(
            "A step back multiplies the gradient of the whole state by {got}; the largest possible"
            " factor was {largest}",
            got=actual,
            largest=per_cell(largest),
        )
    return show.finish(
        figures.step_factors(_result, _),
        title=title,
        caption=_(
            "Why: a step back multiplies the gradient of the whole state (h; in the LSTM h and c"
            " together) by its Jacobian J_t, in the RNN diag(φ′)·W_hh, so never by more than the"
            " spectral norm |J_t|. In the RNN |J_t| cannot pass γ·‖W_hh‖, γ being the largest"
            " slope: 1 for tanh and ReLU, 0.25 for sigmoid (Pascanu et al. 2013). A bound below 1"
            " makes vanishing certain; a bound above 1 only allows explosion. Gates add a path of"
            " their own, so LSTM and GRU have no such bound."
        ),
        alt=_("Dots on a logarithmic scale, one row per cell. {finding}", finding=title),
        theme=theme,
    )


def show_activations(result: "FlowResult") -> None:
    """Draw the slopes of the activations."""
    show.figure(
        _activations(result.settings, current(), show.theme(), result),
        key="vanishing.activations",
        data=tables.activations,
    )


@shared(max_entries=CACHED_FIGURES)
def _activations(
    settings: "FlowSettings", language: str, theme: Theme, _result: "FlowResult"
) -> show.ReadyFigure:
    from rnnviz import figures
    from rnnviz.figures.activations import NAMES
    from rnnviz.gradient_flow import SLOPE_BOUND

    activation = settings.activation
    name, bound = NAMES[activation], f"{SLOPE_BOUND[activation]:g}"
    bounded = _result.bounded_flow
    if bounded is not None and bounded.slope is not None:
        title = _(
            "{name}: a slope of at most {bound}, here {slope} on average",
            name=name,
            bound=bound,
            slope=median_number(bounded.slope),
        )
    else:
        title = _("{name}: a slope of at most {bound}", name=name, bound=bound)
    return show.finish(
        figures.activation_derivatives(_result, _),
        title=title,
        caption=_(
            "The derivative of each activation. Every step back multiplies by φ′ at the input of"
            " the activation: a saturated unit passes next to nothing, a ReLU that is off nothing"
            " at all."
        )
        + " "
        + _(
            "“The slope of tanh lies between 0 and 1, so tanh solves vanishing” is often read and"
            " wrong: a product of factors below 1 shrinks all the same, only more slowly than with"
            " the 0.25 of the sigmoid."
        ),
        alt=_(
            "The derivatives of sigmoid (at most 0.25), tanh and ReLU (at most 1). {finding}",
            finding=title,
        ),
        theme=theme,
    )


def show_clipping(result: "FlowResult") -> None:
    """Draw what clipping does, if it is on."""
    if result.settings.clip is None:
        return
    show.figure(
        _clipping(result.settings, current(), show.theme(), result),
        key="vanishing.clipping",
        data=lambda: tables.clipping(result),
    )


@shared(max_entries=CACHED_FIGURES)
def _clipping(
    settings: "FlowSettings", language: str, theme: Theme, _result: "FlowResult"
) -> show.ReadyFigure:
    from rnnviz import figures

    clip = settings.clip
    clipped = {c: flow for c, flow in _result.flows.items() if bool((flow.scale < 1).any())}
    if clipped:
        title = _(
            "Clipping at {clip} multiplies the whole gradient by {scales}",
            clip=f"{clip:g}",
            scales=per_cell({cell: flow.scale for cell, flow in clipped.items()}),
        )
    else:
        title = _("Clipping at {clip} changes nothing: no gradient is longer", clip=f"{clip:g}")
    return show.finish(
        figures.clipping(_result, _),
        title=title,
        caption=_(
            "The norm of the gradient of all weights and biases together, median of the networks."
            " Clipping shortens it to the threshold and keeps its direction; a small gradient is"
            " left alone, so what has vanished stays vanished."
        ),
        alt=_("Dots before and after, one row per cell. {finding}", finding=title),
        theme=theme,
    )
