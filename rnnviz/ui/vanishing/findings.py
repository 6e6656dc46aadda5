"""What the figures of the page show, in sentences that follow from their numbers."""

from typing import TYPE_CHECKING

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.gradient_flow import FlowResult, Outcome

OUTCOMES: "dict[Outcome, tuple[str, str]]" = {
    "vanishes": (N_("vanishes"), N_("vanishes in {cells}")),
    "shrinks": (N_("shrinks"), N_("shrinks in {cells}")),
    "survives": (N_("survives"), N_("survives in {cells}")),
    "grows": (N_("grows"), N_("grows in {cells}")),
    "explodes": (N_("explodes"), N_("explodes in {cells}")),
}
"""What becomes of the gradient in all cells, or in some of them."""

LIMITS: "dict[Outcome, str]" = {
    "vanishes": N_("Less than 1 % is left after this many steps back: {steps}."),
    "shrinks": N_(
        "If it went on like this, less than 1 % would be left after this many steps back: {steps}."
    ),
    "grows": N_(
        "If it went on like this, it would be more than 100 times as large after this many steps"
        " back: {steps}."
    ),
    "explodes": N_("It is more than 100 times as large after this many steps back: {steps}."),
}
"""When a gradient passes the limit that its outcome leads to."""


OUTCOME_MEANING = N_(
    "The gradient vanishes where less than 1 % is left, explodes beyond 100 times, and survives"
    " where it stays between half and twice its size, over ten steps or more at the same pace."
)


def norms_title(result: "FlowResult") -> str:
    """The finding: what becomes of the gradient between the last step and the first."""
    shares = per_cell({cell: flow.remaining for cell, flow in result.flows.items()})
    if result.settings.loss_at == "every":
        return _(
            "Every step has its own loss, but the gradient of the last one {fate}:"
            " on the way to step 1 it is multiplied by {shares}",
            fate=outcomes_text(result),
            shares=shares,
        )
    return _(
        "The gradient {fate}: from step {last} back to step 1 it is multiplied by {shares}",
        fate=outcomes_text(result),
        last=result.settings.length,
        shares=shares,
    )


def norms_caption(result: "FlowResult") -> list[str]:
    """What to look for, and what a logarithmic axis cannot say."""
    settings = result.settings
    sentences = [
        *_reasons(result),
        _(OUTCOME_MEANING),
        _(
            "Read from right to left: a gradient of norm 1 enters with the loss; a straight slope"
            " is the same factor at every step. Median and 10–90 % band of {networks} random,"
            " untrained {networks:network|networks} with {hidden} units, computed in float64.",
            networks=settings.seeds,
            hidden=settings.hidden,
        ),
    ]
    first_step_cells = [cell for cell, flow in result.flows.items() if flow.first_step_shrinks_most]
    if first_step_cells:
        sentences.append(
            _(
                "{cells}: the first step back costs most; from there on the gradient travels in"
                " the cell state c, of which h_t sees only what the gates let through.",
                cells=cell_names(first_step_cells),
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
                cells=cell_names(zero_cells),
            )
        )
    infinite_cells = [cell for cell, values in norms.items() if bool(values.isinf().any())]
    if infinite_cells:
        sentences.append(
            _("▲: larger than any float64 (1.8×10³⁰⁸): {cells}.", cells=cell_names(infinite_cells))
        )
    if settings.clip is not None:
        sentences.append(
            _(
                "Clipping multiplies the whole gradient by one number: the curve moves down and"
                " keeps its slope. It cures explosion, not vanishing."
            )
        )
    return sentences


def _reasons(result: "FlowResult") -> list[str]:
    """The mean factor of a step back, and where that leads, for each outcome."""
    factors = per_cell({cell: flow.mean_factor for cell, flow in result.flows.items()})
    sentences = [_("On average, a step back multiplies it by {factors}.", factors=factors)]
    for outcome, cells in _cells_by_outcome(result).items():
        counts = {cell: result.flows[cell].steps_to_limit for cell in cells}
        steps = ", ".join(
            _("{count} ({cell})", count=count, cell=CELL_NAMES[cell])
            for cell, count in counts.items()
            if count is not None
        )
        if steps:
            sentences.append(_(LIMITS[outcome], steps=steps))
    return sentences


def outcomes_text(result: "FlowResult") -> str:
    """ "vanishes", or what happens in which cells if they differ."""
    groups = _cells_by_outcome(result)
    if len(groups) == 1:
        return _(OUTCOMES[next(iter(groups))][0])
    return ", ".join(
        _(OUTCOMES[outcome][1], cells=cell_names(cells)) for outcome, cells in groups.items()
    )


def _cells_by_outcome(result: "FlowResult") -> "dict[Outcome, list[str]]":
    groups: dict[Outcome, list[str]] = {}
    for cell, flow in result.flows.items():
        groups.setdefault(flow.outcome, []).append(cell)
    return groups


def per_cell(values: "dict[str, Tensor]") -> str:
    """The median over networks of each cell, as a factor: "0.50 (RNN), 0.61 (LSTM)"."""
    return ", ".join(
        _("{factor} ({cell})", factor=median_number(value), cell=CELL_NAMES[cell])
        for cell, value in values.items()
    )


def median_number(values: "Tensor") -> str:
    from rnnviz.figures import short_number
    from rnnviz.gradient_flow import band

    return short_number(float(band(values)[1]))


def cell_names(cells: list[str]) -> str:
    return ", ".join(CELL_NAMES[cell] for cell in cells)
