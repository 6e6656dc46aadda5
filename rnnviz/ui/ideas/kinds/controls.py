"""What the visitor chooses: the kind, the problem, what is read, and what the loss asks for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.settings import Range
from rnnviz.text.script import hangul_share
from rnnviz.ui import controls, permalink
from rnnviz.ui.controls.parse import parse_code
from rnnviz.ui.language import _, current

if TYPE_CHECKING:
    from rnnviz.ideas.kinds.settings import Problem as Setting

KINDS = {
    "one-to-one": N_("One to one"),
    "one-to-many": N_("One to many"),
    "many-to-one": N_("Many to one"),
    "in-step": N_("Many to many, in step"),
    "not-in-step": N_("Many to many, not in step"),
    "language-model": N_("Language model"),
}
EXAMPLES = {
    "one-to-one": N_("picture → shape"),
    "one-to-many": N_("picture → caption"),
    "many-to-one": N_("review → opinion"),
    "in-step": N_("words → parts of speech"),
    "not-in-step": N_("47 → in words"),
    "language-model": N_("text → next letter"),
}
PROBLEMS = {
    "review": N_("film review"),
    "intent": N_("question"),
    "surname": N_("surname"),
    "four_words": N_("four words"),
}
TEXTS = {
    "review": ("this movie is good", "this movie is good"),
    "intent": ("What time is it?", "오늘 비가 올까요?"),
    "surname": ("Rossi", "Rossi"),
    "four_words": ("so good", "so good"),
    "tags": ("we met her friends today", "역시 자는 아이가 보인다"),
    "numbers": ("47", "47"),
    "hello": ("hello", "hello"),
}
"""What is read at first, in English and in Korean."""

LIMITS = {"numbers": 3, "hello": 20, "four_words": 20, "surname": 20}
"""The most characters of a text; of a sentence `SENTENCE`."""
SENTENCE = 80

STEP = Range(-1, 40)
TEMPERATURE = Range(0.2, 5.0, step=0.1)

PICTURES = {
    "ring over bar": (
        "........",
        "..####..",
        "..#..#..",
        "..####..",
        "........",
        "........",
        ".######.",
        "........",
    ),
    "pole beside ring": (
        "........",
        ".#......",
        ".#..###.",
        ".#..#.#.",
        ".#..#.#.",
        ".#..###.",
        ".#......",
        "........",
    ),
    "cross": (
        "........",
        "...#....",
        "...#....",
        ".#####..",
        "...#....",
        "...#....",
        "........",
        "........",
    ),
    "": ("........",) * 8,
}
NOT_A_PICTURE = N_(
    "{name} is {value}; allowed is x and 16 figures of 0-9 and a-f, one bit for each pixel."
)


@dataclass(frozen=True)
class Choice:
    """All that the picture depends on; `step` is -1 where none is picked."""

    problem: "Setting"
    text: str
    picture: int
    cut: bool
    step: int


def choose_kind() -> str:
    """The open one of the six kinds, which has no widget: its drawing is clicked."""
    name = _("Kind of problem")

    def check(code: Any) -> str:
        return parse_code(name, code, KINDS)

    return permalink.value(
        "kinds.kind", "kind", "not-in-step", parse=check, check=check, serialise=str
    )


def choose(kind: str) -> Choice:
    """Draw the controls of `kind` and return what is chosen."""
    from rnnviz.ideas.kinds.settings import PICTURED, PROBLEMS_BY_KIND
    from rnnviz.ideas.kinds.settings import Problem as Setting

    codes, row = PROBLEMS_BY_KIND[kind], st.container(horizontal=True, vertical_alignment="bottom")
    name = codes[0]
    if len(codes) > 1:
        options = {code: _(PROBLEMS[code]) for code in codes}
        help = _("A film review is good or bad, a question has an intent, a surname a language.")
        name = controls.choose(
            "kinds.problem", _("What is read"), options, name, help=help, container=row
        )
    text, picture = "", 0
    if kind in PICTURED:
        picture = _choose_picture()
    else:
        text = controls.text(
            f"kinds.text_{name}",
            _("Text"),
            TEXTS[name][current() == "ko"],
            limit=LIMITS.get(name, SENTENCE),
            help=_("At most {count} characters.", count=LIMITS.get(name, SENTENCE)),
            parameter="text",
            container=row,
        ).strip()
    korean = hangul_share([text]) > 0 if name in ("intent", "tags") else current() == "ko"
    return Choice(
        Setting(
            kind,
            name,
            loss_at=_choose_loss(kind, row) if kind != "one-to-one" else "last",
            bidirectional=name == "tags" and _choose_directions(row),
            attention=name == "numbers" and _choose_attention(row),
            language="ko" if korean and name in ("intent", "tags", "caption") else "en",
            text=text if name == "hello" else "",
        ),
        text,
        picture,
        _choose_cut(row) if kind in ("one-to-many", "not-in-step") else False,
        controls.address_value("kinds.step", -1, rule=STEP),
    )


def choose_more(kind: str) -> str:
    """The part below that is open: what the head does, or the layers."""
    options = {"head": _("The head"), "layers": _("Layers and shapes")}
    if kind == "one-to-one":
        return "head"
    help = _("The head turns a state into answers; the layers make the state.")
    return controls.choose("kinds.more", _("More about"), options, "head", help=help)


def choose_temperature(container: Any) -> float:
    """The temperature of the softmax."""
    return float(
        controls.slider(
            "kinds.temperature",
            _("Temperature"),
            TEMPERATURE,
            1.0,
            help=_(
                "The logits are divided by it before the softmax: below 1 the largest share grows,"
                " above 1 all become alike. Their order, and so the argmax, stays."
            ),
            container=container,
        )
    )


def _choose_loss(kind: str, row: Any) -> Any:
    options = {"last": _("last step"), "all": _("all steps")}
    default = "last" if kind == "many-to-one" else "all"
    return controls.choose(
        f"kinds.loss_{kind}",
        _("Where the loss asks"),
        options,
        default,
        help=_(
            "The loss compares answers with the right ones at these time steps; only they train the"
            " model. Moving it trains another model."
        ),
        parameter="loss",
        container=row,
    )


def _choose_directions(row: Any) -> bool:
    return controls.toggle(
        "kinds.bidirectional",
        _("Read from both ends"),
        False,
        help=_("A second recurrent layer reads from the last word to the first."),
        container=row,
    )


def _choose_attention(row: Any) -> bool:
    return controls.toggle(
        "kinds.attention",
        _("Attention"),
        False,
        help=_(
            "Before each letter the decoder weighs all steps of the encoder, and reads their mean."
        ),
        container=row,
    )


def _choose_cut(row: Any) -> bool:
    return controls.toggle(
        "kinds.cut",
        _("Cut the vector"),
        False,
        help=_("The decoder then starts from zeros and not from what the encoder has made."),
        container=row,
    )


def _choose_picture() -> int:
    """The drawn picture, whose pixels are clicked: its bits."""
    name = _("Picture")

    def parse(text: Any) -> str:
        code = str(text)
        if not (code[:1] == "x" and len(code) == 17 and set(code[1:]) <= set("0123456789abcdef")):
            raise Problem(NOT_A_PICTURE, name=name, value=code[:60])
        return code

    code = permalink.value(
        "kinds.picture", "picture", _PICTURE, parse=parse, check=parse, serialise=str
    )
    return int(code[1:], 16)


def picture_code(picture: int) -> str:
    """A picture as the address has it."""
    return f"x{picture:016x}"


def bits_of(rows: tuple[str, ...]) -> int:
    """The picture that is drawn with # for ink."""
    return sum(1 << pixel for pixel, sign in enumerate("".join(rows)) if sign == "#")


_PICTURE = picture_code(bits_of(PICTURES["ring over bar"]))
