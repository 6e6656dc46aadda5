"""The controls of the page; those of the model are the same in several parts."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.ideas.keras.choice import ModelChoice
    from rnnviz.ideas.keras.text_part import TextChoice

PARTS = {
    "model": N_("Model"),
    "text": N_("Text to ids"),
    "training": N_("Training"),
    "defaults": N_("Defaults"),
}


def choose_part() -> str:
    """Which lines are compared."""
    titles = {code: _(title) for code, title in PARTS.items()}
    note = _("One job each: what is built, what is read, how it learns, how it starts.")
    return controls.choose("keras.part", _("What to compare"), titles, "model", help=note)


def choose_model() -> "ModelChoice":
    """The cell type, the layers, and what is around them."""
    from rnnviz.ideas.keras.choice import ModelChoice

    plain, rule = ModelChoice(), rules(ModelChoice)
    left, right = st.columns([1.3, 3.2], vertical_alignment="bottom")
    with left:
        cell = _choose_cell(rule["cell"])
    values: dict[str, Any] = {}
    with right, controls.folded_on_phone("keras-settings"):
        first, second, third = st.columns([1, 1, 1.2], vertical_alignment="bottom")
        for column, name, note in (
            (first, "layers", _("Recurrent layers, one over the other.")),
            (
                second,
                "dropout",
                _("The share of numbers that is left out after each recurrent layer."),
            ),
        ):
            with column:
                limits = rule[name]
                assert isinstance(limits, Range)
                default = getattr(plain, name)
                values[name] = controls.slider(f"keras.{name}", "", limits, default, help=note)
        with third:
            values["bidirectional"] = controls.toggle(
                "keras.bidirectional",
                _("Both directions"),
                plain.bidirectional,
                help=_("A second layer reads from the end; the next layer gets both."),
            )
            values["convolution"] = controls.toggle(
                "keras.convolution",
                _("Conv1D in front"),
                plain.convolution,
                help=_("A convolution over the vectors makes the sequence shorter before."),
            )
    return ModelChoice(cell, **values)


def choose_cell() -> "ModelChoice":
    """The cell type alone."""
    from rnnviz.ideas.keras.choice import ModelChoice

    return ModelChoice(_choose_cell(rules(ModelChoice)["cell"]))


def _choose_cell(rule: Any) -> str:
    assert isinstance(rule, Choice)
    titles = {code: _(title) for code, title in rule.options.items()}
    note = _("Keras calls the RNN SimpleRNN.")
    return controls.choose("keras.cell", _(rule.label), titles, "lstm", help=note)


def choose_text() -> "TextChoice":
    """A text and the size of the dictionary."""
    from rnnviz.ideas.keras.text_part import EXAMPLE, MAX_TEXT, TextChoice

    left, right = st.columns([2, 1])
    with left:
        note = _("The dictionary is built from its words, and then it becomes numbers.")
        text = controls.text("keras.text", _("Text"), EXAMPLE, limit=MAX_TEXT, help=note)
    with right:
        note = _("As num_words of the Tokenizer, and max_tokens of TextVectorization.")
        rule: Any = rules(TextChoice)["words"]
        words = controls.slider("keras.words", "", rule, TextChoice().words, help=note)
    return TextChoice(text, words)


def choose_training() -> tuple["ModelChoice", int]:
    """The cell type, and how often all texts are read."""
    from rnnviz.ideas.keras.training_part import DEFAULT_EPOCHS, EPOCHS

    left, right = st.columns([1, 2])
    with left:
        choice = choose_cell()
    with right:
        note = _("How often all four texts are read.")
        epochs: int = controls.slider("keras.epochs", "", EPOCHS, DEFAULT_EPOCHS, help=note)
    return choice, epochs


def choose_start() -> bool:
    """Whether the networks start as in Keras."""
    note = _("The same networks, with the weights that Keras would start with.")
    return controls.toggle("keras.start", _("Keras' defaults"), False, help=note)
