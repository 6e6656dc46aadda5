"""Below the chain: the picture to draw on, the head, the layers with their shapes, attention."""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.messages import N_
from rnnviz.palette import Theme
from rnnviz.ui.ideas.kinds.controls import PICTURES, Choice, bits_of, picture_code
from rnnviz.ui.ideas.kinds.tiles import HATCH, LINE, PALE, PRIMARY, SIDE, shade, style, thumbnail
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw, tag
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.show import theme

if TYPE_CHECKING:
    from rnnviz.ideas.kinds.reading import Reading

SHOWN = 6
"""Labels of the head that are shown at most, the likeliest first."""
GREEN = "#009E73"

LAYERS = {
    "embedding": (N_("Embedding"), N_("each token becomes a vector")),
    "RNN": (N_("RNN"), N_("a state after every token")),
    "GRU": (N_("GRU"), N_("a state after every token")),
    "last": (N_("last vector"), N_("the summary of all that was read")),
    "Linear": (N_("Linear"), N_("weighs the features")),
    "deep": (
        N_("Linear, ReLU, Linear"),
        N_("weighs the features twice, with dropout before each in training only"),
    ),
    "softmax": (N_("softmax"), N_("the shares of the answers")),
}


def draw_canvas(picture: int) -> None:
    """Draw the picture, whose pixels toggle when they are clicked, and pictures to begin with."""
    draw(_canvas(picture, current()), key="kinds.canvas", pick="kinds.picture")


@shared(max_entries=300)
def _canvas(picture: int, language: str) -> Markup:
    cells = [
        tag(
            "div",
            data_pick=picture_code(picture ^ 1 << pixel),
            aria_label=_(
                "row {row}, column {column}", row=pixel // SIDE + 1, column=pixel % SIDE + 1
            ),
            aria_pressed="true" if picture >> pixel & 1 else "false",
            style=style(
                background="currentcolor" if picture >> pixel & 1 else "transparent",
                border=f"1px solid {LINE}",
                height="25px",
            ),
        )
        for pixel in range(SIDE * SIDE)
    ]
    from rnnviz.tasks.translate.captions import word_order

    grid = style(display="grid", grid_template_columns=f"repeat({SIDE},27px)")
    pictures = {" ".join(word_order(tuple(n.split()), language)): r for n, r in PICTURES.items()}
    presets = [
        tag(
            "div",
            thumbnail(bits_of(rows), 5),
            tag("div", name or _("blank"), style=style(font_size="0.8rem")),
            data_pick=picture_code(bits_of(rows)),
            style=style(text_align="center"),
        )
        for name, rows in pictures.items()
    ]
    side = style(display="flex", flex_wrap="wrap", gap="12px", align_content="center")
    return tag(
        "div",
        tag("div", cells, role="group", aria_label=_("Picture"), style=grid),
        tag("div", presets, style=side),
        style=style(display="flex", gap="24px", padding="3px", flex_wrap="wrap"),
    )


def draw_head(choice: Choice, reading: "Reading", step: int, temperature: float) -> None:
    """Draw what the head makes of the picked state: logits, softmax, argmax."""
    html = _head(choice, step, temperature, current(), reading)
    draw(html, key="kinds.head")


@shared(max_entries=300)
def _head(
    choice: Choice, step: int, temperature: float, language: str, _reading: "Reading"
) -> Markup:
    from rnnviz.ideas.kinds.reading import softmax

    logits, labels = _reading.answered[step].logits, _reading.labels
    shares, titles = softmax(logits, temperature), choice.problem.task.label_titles
    order = sorted(range(len(logits)), key=lambda k: -logits[k])[:SHOWN]
    cell = style(padding="2px 10px 2px 0", white_space="nowrap")
    rows = [
        tag(
            "tr",
            tag("td", _label(labels[k], titles), style=cell + ";font-weight:600"),
            tag("td", f"{logits[k]:+.1f}".replace("-", "−"), style=cell + ";text-align:right"),
            tag("td", _bar(shares[k]), style=cell + ";width:40%"),
            tag("td", _share(shares[k]), style=cell),
            tag("td", _("← argmax") if k == order[0] else "", style=cell + f";color:{PRIMARY}"),
        )
        for k in order
    ]
    heads = ("", _("logit"), "", "softmax", "")
    header = tag("tr", [tag("th", text, style=cell + ";text-align:left") for text in heads])
    return tag("table", header, rows, style=style(border_collapse="collapse", width="100%"))


def _label(code: str, titles: Any) -> str:
    if code == "<eos>":
        return _("end")
    return _(titles[code]) if code in titles else "␣" if code == " " else code


def _bar(share: float) -> Markup:
    inner = tag("div", style=style(width=f"{100 * share:.3g}%", height="12px", background=GREEN))
    return tag("div", inner, style=style(background=PALE, min_width="90px"))


def _share(share: float) -> str:
    return "<0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def draw_layers(reading: "Reading") -> None:
    """Draw the layers as boxes, each with the shape of what it returns."""
    draw(_layers(reading.shapes, current()), key="kinds.layers")


@shared(max_entries=100)
def _layers(shapes: tuple[tuple[str, tuple[int, ...]], ...], language: str) -> Markup:
    boxes: list[Any] = []
    for name, shape in (*shapes, ("softmax", shapes[-1][1])):
        boxes += [_to(), _layer(_(LAYERS[name][0]), shape, _(LAYERS[name][1]))]
    return tag(
        "div",
        boxes[1:],
        role="group",
        aria_label=_("The layers"),
        style=style(display="flex", gap="6px", padding="3px", flex_wrap="wrap"),
    )


def _to() -> Markup:
    return tag("div", "→", aria_hidden="true", class_="muted", style=style(align_self="center"))


def _layer(name: str, shape: tuple[int, ...], what: str) -> Markup:
    return tag(
        "div",
        tag("div", name, style=style(font_weight="600")),
        tag("div", f"({', '.join(map(str, shape))})"),
        tag("div", what, class_="muted", style=style(font_size="0.8rem")),
        style=style(
            border=f"1px solid {LINE}",
            border_radius="8px",
            padding="6px 8px",
            background=PALE,
            max_width="150px",
            line_height="1.3",
        ),
    )


def draw_attention(choice: Choice, reading: "Reading") -> None:
    """Draw the weight of every digit for every letter; padding has none."""
    html = _attention(choice, current(), theme(), reading)
    draw(html, key="kinds.attention_weights")


@shared(max_entries=100)
def _attention(choice: Choice, language: str, theme: Theme, _reading: "Reading") -> Markup:
    tokens = [*(step.token for step in _reading.read), _("padding")]
    cell = style(padding="2px 6px", text_align="center", min_width="30px")
    rows = []
    for source, token in enumerate(tokens):
        weights = [
            tag(
                "td",
                f"{step.attention[source]:.2f}",
                style=cell
                + f";background:{shade(step.attention[source] * 0.6, theme)}"
                + (f";background-image:{HATCH}" if source == len(_reading.read) else ""),
            )
            for step in _reading.written
        ]
        rows.append(tag("tr", tag("th", token, style=cell), weights))
    letters = [_label(code, {}) for code in _reading.answers]
    header = tag("tr", tag("th"), [tag("th", letter, style=cell) for letter in letters])
    return tag("table", header, rows, style=style(border_collapse="separate", font_size="0.85rem"))
