"""The picture of one training step: four letters from left to right, then all 26 weights."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from rnnviz.ideas.learning import hello
from rnnviz.ideas.learning.hello import SHAPES, Array, TrainingStep
from rnnviz.messages import N_
from rnnviz.palette import DIVERGING, Theme
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

STAGES = {
    "forward": N_("1 forward"),
    "loss": N_("2 loss"),
    "backward": N_("3 backward"),
    "update": N_("4 update"),
}

PROGRAM = (
    ("forward", "answers = model(inputs)"),
    ("loss", "loss = loss_function(answers, targets)"),
    ("backward", "optimizer.zero_grad(); loss.backward()"),
    ("update", "optimizer.step()"),
)
"""The line of the training loop that runs at each stage."""

HATCHED = (
    "background:repeating-linear-gradient(45deg,transparent 0 5px,"
    "color-mix(in srgb,currentcolor 14%,transparent) 5px 6px);"
)
CELL = "padding:4px 8px;text-align:center;white-space:nowrap;border-radius:4px;"
HERE = "outline:2.5px solid var(--st-primary-color);outline-offset:1px;"
LARGEST_SHARE = 0.55
"""How far a cell goes towards full red or blue, so that its number stays legible."""


def number(value: float) -> str:
    """Three digits with a minus sign; 0 for what is nothing."""
    text = f"{value:.3f}" if 0.001 <= abs(value) < 1000 or value == 0 else f"{value:.1e}"
    return "0" if float(text) == 0 else text.replace("-", "−")


def colour(value: float, theme: Theme) -> str:
    """Blue for negative, red (dark: orange) for positive; |value| of 2 is as strong as it gets."""
    low, _middle, high = DIVERGING[theme]
    share = LARGEST_SHARE * min(abs(value) / 2, 1)
    return f"color-mix(in srgb,{high if value > 0 else low} {100 * share:.0f}%,transparent)"


def step_picture(step: TrainingStep, stage: str, code: str, rate: float, theme: Theme) -> Markup:
    """Everything that is known at `stage`; hatched is what comes later."""
    parts = [_program(stage), _chain(step, stage, code, theme), _weights(step, stage, code, theme)]
    if stage == "update":
        parts.insert(2, _update(step, code, rate))
    return tag("div", parts, style="display:flex;flex-direction:column;gap:14px")


def _program(stage: str) -> Markup:
    lines = [
        tag(
            "div",
            line,
            style="padding:1px 8px;border-radius:4px;" + (HERE if name == stage else ""),
            class_=None if name == stage else "muted",
        )
        for name, line in PROGRAM
    ]
    style = "font-family:var(--st-code-font,monospace);font-size:13px;overflow-x:auto;padding:3px"
    return tag("div", lines, style=style)


def _chain(step: TrainingStep, stage: str, code: str, theme: Theme) -> Markup:
    """The table over time: what is read, the states, the answers, losses and gradients."""
    known = list(STAGES).index(stage)
    walk = step.walk
    answers = [
        _(
            "{answer} · right: {letter} {share}",
            answer=walk.answer[t],
            letter=target,
            share=f"{walk.probabilities[t, hello.LETTERS.index(target)]:.0%}",
        )
        for t, target in enumerate(hello.TARGETS)
    ]
    name, place = hello.parse_parameter(code)
    shares = [float(share.weights[name][place]) for share in step.shares]
    rows = [
        tag("tr", _head(_("time step t")), [_cell(f"t = {t}") for t in range(1, hello.T + 1)]),
        tag("tr", _head(_("reads")), [_cell(f"“{letter}”") for letter in hello.INPUTS]),
        tag("tr", _head("h_t"), [_pair(h, theme) for h in walk.states[1:]]),
        tag("tr", _head(_("answers")), [_cell(answer) for answer in answers]),
        _row(_("loss −ln p"), [number(float(loss)) for loss in walk.losses], known >= 1),
        tag(
            "tr",
            _head("∂L/∂h_t"),
            [_pair(g, theme) if known >= 2 else _later() for g in step.gradient.states],
        ),
        _row(
            _("share of y_t in ∂L/∂{weight}", weight=hello.parameter_title(code)),
            [number(share) for share in shares],
            known >= 2,
        ),
    ]
    return tag("div", tag("table", rows, style="border-spacing:4px"), style="overflow-x:auto")


def _row(label: str, texts: Sequence[str], is_known: bool) -> Markup:
    return tag("tr", _head(label), [_cell(text) if is_known else _later() for text in texts])


def _head(text: str) -> Markup:
    style = "text-align:left;font-weight:600;padding-right:10px;min-width:90px;border:0"
    return tag("th", text, scope="row", style=style)


def _cell(text: str) -> Markup:
    return tag("td", text, style=CELL + "border:0")


def _later() -> Markup:
    return tag("td", _("later"), style=CELL + HATCHED + "border:0")


def _pair(values: Array, theme: Theme) -> Markup:
    spans = [
        tag("span", number(float(value)), style=f"{CELL}background:{colour(float(value), theme)}")
        for value in values
    ]
    return tag("td", spans, style="white-space:nowrap;text-align:center;border:0")


def _weights(step: TrainingStep, stage: str, code: str, theme: Theme) -> Markup:
    """All weights, each a button; after the update with their new values."""
    weights = step.after if stage == "update" else step.before
    return tag(
        "div",
        [_matrix(name, weights[name], code, theme) for name in SHAPES],
        style="display:flex;flex-wrap:wrap;gap:16px;padding:3px",
    )


def _matrix(name: str, values: Array, code: str, theme: Theme) -> Markup:
    rows = np.atleast_2d(values.T).T if values.ndim == 1 else values
    cells = []
    for place in np.ndindex(*values.shape):
        own = ".".join([name, *map(str, place)])
        value = float(values[place])
        background = colour(value, theme)
        cells.append(
            tag(
                "span",
                number(value),
                data_pick=own,
                aria_label=f"{hello.parameter_title(own)} = {number(value)}",
                aria_pressed="true" if own == code else "false",
                style=f"{CELL}font-size:12px;background:{background};{HERE * (own == code)}",
            )
        )
    columns = rows.shape[1] if values.ndim == 2 else 1
    grid = f"display:grid;grid-template-columns:repeat({columns},auto);gap:4px"
    return tag("div", tag("div", name, style="font-weight:600"), tag("div", cells, style=grid))


def _update(step: TrainingStep, code: str, rate: float) -> Markup:
    """w ← w − learning rate × gradient, in numbers."""
    name, place = hello.parse_parameter(code)
    w, g, new = (
        number(float(each[name][place]))
        for each in (step.before, step.gradient.weights, step.after)
    )
    equation = f"{w} − {rate:g} × ({g}) = "
    style = "font-size:1.05rem;padding:4px"
    return tag(
        "div", tag("b", hello.parameter_title(code), " ← "), equation, tag("b", new), style=style
    )
