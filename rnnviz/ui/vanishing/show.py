"""The figures of the page, each with its finding, computed from the numbers that it shows."""

from typing import TYPE_CHECKING

from rnnviz.names import CELL_NAMES
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.vanishing import tables

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.gradient_flow import FlowResult


def show_norms(result: "FlowResult") -> None:
    """Draw what is left of the gradient at every time step."""
    from rnnviz import figures

    show.figure(
        figures.gradient_norms(result, _),
        key="vanishing.norms",
        title=norms_title(result),
        caption=" ".join(norms_caption(result)),
        alt=_(
            "Lines on a logarithmic scale: the norm of the gradient at each time step, one line"
            " per cell. {finding}",
            finding=norms_title(result),
        ),
        data=tables.norms(result),
    )


def norms_title(result: "FlowResult") -> str:
    """The finding: what becomes of the gradient between the last step and the first."""
    shares = _per_cell({cell: flow.remaining for cell, flow in result.flows.items()})
    if result.settings.loss_at == "every":
        return _(
            "Every step has its own loss, but the gradient of the last one {fate}:"
            " on the way to step 1 it is multiplied by {shares}",
            fate=_outcomes(result),
            shares=shares,
        )
    return _(
        "The gradient {fate}: from step {last} back to step 1 it is multiplied by {shares}",
        fate=_outcomes(result),
        last=result.settings.length,
        shares=shares,
    )


def norms_caption(result: "FlowResult") -> list[str]:
    """What to look for, and what a logarithmic axis cannot say."""
    settings = result.settings
    sentences = [
        _(
            "Read from right to left: a gradient of norm 1 enters with the loss; a straight slope"
            " is the same factor at every step. Median and 10–90 % band of {networks} random,"
            " untrained {networks:network|networks} with {hidden} units, computed in float64.",
            networks=settings.seeds,
            hidden=settings.hidden,
        )
    ]
    first_step_cells = [cell for cell, flow in result.flows.items() if flow.first_step_shrinks_most]
    if first_step_cells:
        sentences.append(
            _(
                "{cells}: the first step back costs most; from there on the gradient travels in"
                " the cell state c, of which h_t sees only what the gates let through.",
                cells=_names(first_step_cells),
            )
        )
    norms = {cell: flow.norms for cell, flow in result.flows.items()}
    zero_cells = [cell for cell, values in norms.items() if bool((values == 0).any())]
    # A gradient that shrinks step by step passes through the smallest numbers; one that a ReLU
    # switches off does not.
    shrinks = any(bool(((norms[cell] > 0) & (norms[cell] < 1e-300)).any()) for cell in zero_cells)
    bounded = result.bounded_flow
    if bounded and zero_cells == [bounded.cell] and settings.activation == "relu" and not shrinks:
        count = int((bounded.norms == 0).any(1).sum())
        sentences.append(
            _(
                "In {count} of {networks} {networks:network|networks} every path through the ReLUs"
                " is off somewhere: before it the gradient is exactly 0 (▼ where that is the"
                " median).",
                count=count,
                networks=settings.seeds,
            )
        )
    elif zero_cells:
        sentences.append(
            _(
                "▼: smaller than any float64 (5×10⁻³²⁴) and therefore 0: {cells}.",
                cells=_names(zero_cells),
            )
        )
    infinite_cells = [cell for cell, values in norms.items() if bool(values.isinf().any())]
    if infinite_cells:
        sentences.append(
            _("▲: larger than any float64 (1.8×10³⁰⁸): {cells}.", cells=_names(infinite_cells))
        )
    if settings.clip is not None:
        sentences.append(
            _(
                "Clipping multiplies the whole gradient by one number: the curve moves down and"
                " keeps its slope. It cures explosion, not vanishing."
            )
        )
    return sentences


def show_step_factors(result: "FlowResult") -> None:
    """Draw the factor of a step back, the largest possible one, and its bound."""
    from rnnviz import figures

    actual = _per_cell({cell: flow.median_factor for cell, flow in result.flows.items()})
    bounded = result.bounded_flow
    if bounded is not None and bounded.bound is not None:
        title = _(
            "A step back multiplies the gradient by {got}; in the {cell} at most {largest} was"
            " possible, and the bound is {bound}",
            got=actual,
            cell=CELL_NAMES[bounded.cell],
            largest=_number(bounded.largest_factor),
            bound=_number(bounded.bound),
        )
    else:
        largest = {cell: flow.largest_factor for cell, flow in result.flows.items()}
        title = _(
            "A step back multiplies the gradient by {got}; the largest possible factor was"
            " {largest}",
            got=actual,
            largest=_per_cell(largest),
        )
    show.figure(
        figures.step_factors(result, _),
        key="vanishing.factors",
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
        data=tables.factors(result),
    )


def show_activations(result: "FlowResult") -> None:
    """Draw the slopes of the activations."""
    from rnnviz import figures
    from rnnviz.figures.activations import NAMES
    from rnnviz.gradient_flow import SLOPE_BOUND

    activation = result.settings.activation
    name, bound = NAMES[activation], f"{SLOPE_BOUND[activation]:g}"
    bounded = result.bounded_flow
    if bounded is not None and bounded.slope is not None:
        title = _(
            "{name}: a slope of at most {bound}, here {slope} on average",
            name=name,
            bound=bound,
            slope=_number(bounded.slope),
        )
    else:
        title = _("{name}: a slope of at most {bound}", name=name, bound=bound)
    show.figure(
        figures.activation_derivatives(result, _),
        key="vanishing.activations",
        title=title,
        caption=_(
            "The derivative of each activation. Every step back multiplies by φ′ at the input of"
            " the activation: a saturated unit passes next to nothing, a ReLU that is off nothing"
            " at all."
        ),
        alt=_(
            "The derivatives of sigmoid (at most 0.25), tanh and ReLU (at most 1). {finding}",
            finding=title,
        ),
        data=tables.activations(),
    )


def show_clipping(result: "FlowResult") -> None:
    """Draw what clipping does, if it is on."""
    from rnnviz import figures

    clip = result.settings.clip
    if clip is None:
        return
    clipped = {c: flow for c, flow in result.flows.items() if bool((flow.scale < 1).any())}
    if clipped:
        title = _(
            "Clipping at {clip} multiplies the whole gradient by {scales}",
            clip=f"{clip:g}",
            scales=_per_cell({cell: flow.scale for cell, flow in clipped.items()}),
        )
    else:
        title = _("Clipping at {clip} changes nothing: no gradient is longer", clip=f"{clip:g}")
    show.figure(
        figures.clipping(result, _),
        key="vanishing.clipping",
        title=title,
        caption=_(
            "The norm of the gradient of all weights and biases together, median of the networks."
            " Clipping shortens it to the threshold and keeps its direction; a small gradient is"
            " left alone, so what has vanished stays vanished."
        ),
        alt=_("Dots before and after, one row per cell. {finding}", finding=title),
        data=tables.clipping(result),
    )


def _outcomes(result: "FlowResult") -> str:
    """ "vanishes", or what happens in which cells if they differ."""
    phrases = {
        "vanishes": (_("vanishes"), _("vanishes in {cells}")),
        "survives": (_("survives"), _("survives in {cells}")),
        "explodes": (_("explodes"), _("explodes in {cells}")),
    }
    groups: dict[str, list[str]] = {}
    for cell, flow in result.flows.items():
        groups.setdefault(flow.outcome, []).append(cell)
    if len(groups) == 1:
        return phrases[next(iter(groups))][0]
    return ", ".join(
        phrases[outcome][1].format(cells=_names(cells)) for outcome, cells in groups.items()
    )


def _per_cell(values: "dict[str, Tensor]") -> str:
    """The median over networks of each cell, as a factor: "0.50 (RNN), 0.61 (LSTM)"."""
    return ", ".join(
        _("{factor} ({cell})", factor=_number(value), cell=CELL_NAMES[cell])
        for cell, value in values.items()
    )


def _number(values: "Tensor") -> str:
    from rnnviz.figures import short_number
    from rnnviz.gradient_flow import band

    return short_number(float(band(values)[1]))


def _names(cells: list[str]) -> str:
    return ", ".join(CELL_NAMES[cell] for cell in cells)
