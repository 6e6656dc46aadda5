"""The controls of the page, and the articles' own examples as suggestions."""

from typing import Any

import streamlit as st

from rnnviz.ideas.text import TextSettings
from rnnviz.ideas.text.settings import MOST_OTHERS
from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls
from rnnviz.ui.language import _

LONGEST_TEXT, LONGEST_OTHERS = 100, 160
"""In characters."""
SEPARATOR = "/"
WIDE, NARROW, NARROWEST = 270, 190, 140
"""Of a control, in pixels."""
PLAIN = TextSettings()

SUGGESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (N_("A film review with a word that nobody counted"), {}),
    (
        N_("Four words: good, bad, worse, so good"),
        {
            "text": "good",
            "others": ("bad", "worse", "so good"),
            "unit": "character",
            "source": "own",
            "order": "alphabet",
            "unk": False,
            "longest": 10,
            "vectors": "one-hot",
        },
    ),
    (
        N_("Surnames between BEGIN and END"),
        {
            "text": "Santos",
            "others": ("Kim", "Nakamura"),
            "unit": "character",
            "source": "surnames",
            "order": "appearance",
            "ends": True,
            "longest": 12,
            "origin": "random",
        },
    ),
    (
        N_("A Korean sentence in jamo"),
        {
            "text": "모든 국민은 평등하다",
            "others": ("법 앞에", "자유와 권리"),
            "unit": "jamo",
            "source": "constitution",
            "longest": 24,
            "origin": "random",
        },
    ),
    (
        N_("hell, one-hot"),
        {
            "text": "hell",
            "others": ("ello",),
            "unit": "character",
            "source": "own",
            "order": "appearance",
            "mask": False,
            "unk": False,
            "longest": 4,
            "vectors": "one-hot",
        },
    ),
    (
        N_("Pairs of words keep some of the order"),
        {
            "text": "not good but bad",
            "others": ("not bad but good",),
            "n": "2",
            "source": "own",
            "vectors": "bag",
        },
    ),
    (
        N_("An embedding before and after training"),
        {"text": "a wonderful film not a boring one", "origin": "training", "step": 10},
    ),
)
"""A promise, and the settings (apart from the defaults) that keep it."""


def settings() -> TextSettings:
    """Draw the controls in rows, what is rare in a popover, and return their values."""
    first = st.container(horizontal=True, gap="medium")
    values: dict[str, Any] = {
        "text": controls.text(
            "text.text",
            _("Your text"),
            PLAIN.text,
            limit=LONGEST_TEXT,
            help=_("English or Korean; the first row of the table."),
            container=first.container(width=WIDE),
        ),
        "unit": control("unit", container=first),
        "vectors": control("vectors", container=first),
    }
    with controls.folded_on_phone("text-settings"):
        second = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
        values["top_k"] = control("top_k", container=second.container(width=NARROW))
        values["longest"] = control("longest", container=second.container(width=NARROWEST))
        for name in ("padding", "cutting"):
            values[name] = control(name, container=second)
        with second, controls.popover(_("More"), key="text.more", icon=":material/tune:"):
            values |= _more()
        kind = values["vectors"]
        if kind == "bag":
            values["weighting"] = control("weighting")
        elif kind == "hashing":
            values["buckets"] = control("buckets", container=st.container(width=WIDE))
        elif kind == "embedding":
            values |= _table_controls()
    values["picked"] = controls.address_value("text.picked", PLAIN.picked, rule=Range(0, 23))
    return TextSettings(**values)


def _more() -> dict[str, Any]:
    """The controls of the second rank."""
    others = controls.text(
        "text.others",
        _("Other rows of the table"),
        f" {SEPARATOR} ".join(PLAIN.others),
        limit=LONGEST_OTHERS,
        help=_(
            "Up to {count} texts, with {separator} between them.",
            count=MOST_OTHERS,
            separator=SEPARATOR,
        ),
    )
    texts = [text.strip() for text in others.split(SEPARATOR)]
    return {
        "others": tuple(text for text in texts if text)[:MOST_OTHERS],
        "n": control("n"),
        "source": control("source"),
        "order": control("order"),
        "unk": controls.toggle(
            "text.unk",
            _("UNK: a number for what is unknown"),
            PLAIN.unk,
            help=_("Off: a token that is not in the dictionary is left out."),
        ),
        "ends": controls.toggle(
            "text.ends",
            _("BEGIN and END around each text"),
            PLAIN.ends,
            help=_("They tell a network where a sequence begins and ends."),
        ),
        "mask": controls.toggle(
            "text.mask",
            _("MASK: 0 is no token's number"),
            PLAIN.mask,
            help=_("Off: the first token is number 0, which padding is, too."),
        ),
    }


def _table_controls() -> dict[str, Any]:
    row = st.container(horizontal=True, gap="medium")
    values = {"origin": control("origin", container=row)}
    if values["origin"] == "training":
        values["step"] = control("step", container=row.container(width=NARROW))
        values["reader"] = control("reader", container=row)
    return values


def control(name: str, container: Any = st) -> Any:
    """The control of a field of the settings that has a rule."""
    rule = rules(TextSettings)[name]
    key, label, default = f"text.{name}", _(rule.label), getattr(PLAIN, name)
    help = _(rule.help) if rule.help else ""
    if isinstance(rule, Range):
        return controls.slider(key, label, rule, default, help=help, container=container)
    assert isinstance(rule, Choice)
    options = {code: _(title) for code, title in rule.options.items()}
    return controls.choose(key, label, options, default, help=help, container=container)


def show_suggestions() -> None:
    """Draw buttons that set all controls of the page at once."""
    items = [(_(promise), control_values(changes)) for promise, changes in SUGGESTIONS]
    controls.suggestion_buttons(items, scroll_up=True)


def control_values(changes: dict[str, Any]) -> dict[str, Any]:
    """The value of every control that leads to the default settings with these changes."""
    values = vars(PLAIN) | changes
    values["others"] = f" {SEPARATOR} ".join(values["others"])
    return {f"text.{name}": value for name, value in values.items()}
