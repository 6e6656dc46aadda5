"""The open kind, step by step: what is read, the states, what is answered, where the loss asks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.palette import Theme
from rnnviz.ui.ideas.kinds.controls import Choice
from rnnviz.ui.ideas.kinds.tiles import HATCH, LINE, PALE, PRIMARY, style, tile
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw, tag
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.show import theme

if TYPE_CHECKING:
    from rnnviz.ideas.kinds.reading import Reading, Step

ROW = style(display="flex", align_items="stretch", gap="4px", padding="3px")
PARTS = style(display="flex", align_items="stretch", justify_content="center", flex="1")
COLUMN = style(
    display="flex",
    flex_direction="column",
    justify_content="flex-end",
    align_items="center",
    gap="2px",
    padding="4px",
    min_width="38px",
    max_width="96px",
    text_align="center",
)
ANSWER = style(font_size="1.15rem", font_weight="600", line_height="1.2")
TOKEN = style(font_size="1.05rem", min_height="1.6em")


def draw_chain(choice: Choice, reading: "Reading", step: int, finding: str) -> None:
    """Draw the steps of `reading`; one with an answer can be picked, and `step` is."""
    html = _chain(choice, step, finding, current(), theme(), reading)
    draw(html, key="kinds.chain", pick="kinds.step")


@shared(max_entries=300)
def _chain(
    choice: Choice, step: int, finding: str, language: str, theme: Theme, _reading: "Reading"
) -> Markup:
    problem, steps = choice.problem, _reading.read
    if not problem.is_decoded:
        columns = _columns(choice, steps, step, theme, _reading)
        parts: list[Any] = [_box("", columns, problem.bidirectional)]
    else:
        plain = [_column(each, theme, answer=None, index=None) for each in steps]
        written = _columns(choice, _reading.written, step, theme, _reading)
        parts = [
            _box(_("the encoder reads"), plain),
            _arrow(),
            _vector(choice, _reading, theme),
            _arrow(),
            _box(_("the decoder writes"), written),
        ]
    return tag(
        "div",
        tag("div", parts, style=ROW + ";width:max-content"),
        role="group",
        aria_label=finding,
    )


def _columns(
    choice: Choice, steps: "Sequence[Step]", picked: int, theme: Theme, reading: "Reading"
) -> list[Markup]:
    titles = choice.problem.task.label_titles
    columns = []
    for index, step in enumerate(steps):
        code = reading.labels[step.answer]
        answer = _("end") if code == "<eos>" else _(titles[code]) if code in titles else code
        is_last = index == len(steps) - 1
        columns.append(
            _column(
                step,
                theme,
                answer=_visible(answer),
                index=index,
                is_picked=index == picked,
                in_loss=is_last or choice.problem.loss_at == "all",
                has_loss=choice.problem.kind != "one-to-one",
                begins=choice.problem.is_decoded and not index,
            )
        )
    return columns


def _column(
    step: "Step",
    theme: Theme,
    *,
    answer: str | None,
    index: int | None,
    is_picked: bool = False,
    in_loss: bool = False,
    has_loss: bool = False,
    begins: bool = False,
) -> Markup:
    token = "▸" if begins else _visible(step.token)
    # What reads has neither answer nor loss, but the height of both: all states stand in line.
    hidden = ";visibility:hidden" if answer is None else ""
    above = [
        tag("div", answer or "x", class_=None if in_loss else "muted", style=ANSWER + hidden),
        tag("div", "↑", aria_hidden="true", style=style(color=PRIMARY, line_height="1") + hidden),
    ]
    background = "transparent" if step.is_known else HATCH
    parts = [
        above,
        tile(step.state, theme),
        tag("div", "↑" if token else "\u00a0", class_="muted", aria_hidden="true"),
        tag(
            "div",
            token if step.is_known else f"{token} → UNK",
            class_=None if answer is None or not begins else "muted",
            style=TOKEN + f";background:{background}",
        ),
        _loss_mark(in_loss) if has_loss else tag("div", style=style(height="10px")),
    ]
    frame = f"2px solid {PRIMARY}" if is_picked else "2px solid transparent"
    return tag(
        "div",
        parts,
        data_pick=index,
        aria_pressed=None if index is None else "true" if is_picked else "false",
        style=COLUMN + f";border:{frame};border-radius:8px",
    )


def _loss_mark(in_loss: bool) -> Markup:
    """A bar where the loss asks, a thin dashed line where it does not."""
    border = "5px solid currentcolor" if in_loss else f"1px dashed {LINE}"
    title = _("the loss asks here") if in_loss else _("the loss does not ask here")
    return tag(
        "div",
        title=title,
        style=style(width="100%", height="6px", border_top=border, margin_top="4px"),
    )


def _box(title: str, columns: Sequence[Markup], both_ways: bool = False) -> Markup:
    parts: list[Any] = []
    for index, column in enumerate(columns):
        if index:
            parts.append(_arrow("⇄" if both_ways else "→"))
        parts.append(column)
    return tag(
        "div",
        tag("div", title, style=style(font_weight="600", font_size="0.8rem")) if title else None,
        tag("div", parts, style=PARTS),
        style=style(
            background=PALE,
            border_radius="10px",
            padding="8px",
            display="flex",
            flex_direction="column",
        ),
    )


def _arrow(sign: str = "→") -> Markup:
    return tag(
        "div",
        sign,
        class_="muted",
        aria_hidden="true",
        style=style(align_self="center"),
    )


def _vector(choice: Choice, reading: "Reading", theme: Theme) -> Markup:
    """The one vector between encoder and decoder."""
    note = _("cut off") if choice.cut else _("all it knows")
    return tag(
        "div",
        tag("div", "✂" if choice.cut else "", style=style(font_size="1.2rem")),
        tile(reading.vector, theme, frame=PRIMARY, width=40, thick=3),
        tag("div", note, style=style(font_weight="600", font_size="0.8rem", margin_top="6px")),
        tag(
            "div",
            _("{count} numbers", count=len(reading.vector)),
            style=style(font_size="0.8rem"),
        ),
        style=style(align_self="center", text_align="center", min_width="76px"),
    )


def _visible(text: str) -> str:
    return "␣" if text == " " else text
