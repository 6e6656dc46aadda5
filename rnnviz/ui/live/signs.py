"""The signs in questions and answers that nobody would type, and what they mean."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rnnviz.messages import N_
from rnnviz.text import BOS, EOS, SPECIALS, UNK
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.tasks import Task

UNKNOWN_WORD = N_("a word outside the vocabulary")
UNKNOWN_SYMBOL = N_("a symbol outside the vocabulary")

BLANK, EMPTY = "␣", "∅"

TASK_SIGNS: Mapping[str, Mapping[str, str]] = {
    "surnames": {
        SPECIALS[BOS]: N_("BEGIN, before a name"),
        SPECIALS[EOS]: N_("END, after a name"),
    },
    "text": {"⏎": N_("a new line"), "\N{REPLACEMENT CHARACTER}": UNKNOWN_SYMBOL},
    "counting": {"^": N_("the start of the sequence"), "$": N_("the end of the sequence")},
    "copy": {"·": N_("a blank step"), "?": N_("the signal to repeat")},
    "brackets": {"·": N_("no bracket is open")},
    "adding": {"±": N_("how far off an answer may be and still count as right")},
}
"""The signs of single tasks: elsewhere the same character may be a part of the text."""


def sign_meanings(task: "Task") -> dict[str, str]:
    """The signs that questions and answers of `task` may have, with their translated meanings."""
    unknown = UNKNOWN_WORD if task.unit == "word" else UNKNOWN_SYMBOL
    signs = {SPECIALS[UNK]: unknown, BLANK: N_("a blank"), EMPTY: N_("an empty answer")}
    signs |= TASK_SIGNS.get(task.name, {})
    return {sign: _(meaning) for sign, meaning in signs.items()}


def visible(answer: str) -> str:
    """`answer`, with visible signs in place of one that is empty or all blanks."""
    if not answer:
        return EMPTY
    return answer if answer.strip() else BLANK * len(answer)


def signs_note(signs: Mapping[str, str], texts: Iterable[str]) -> str:
    """A note on those of `signs` that occur in `texts`; "" if none does."""
    text = "\n".join(texts)
    return " · ".join(
        f"\N{FIRST STRONG ISOLATE}{sign}\N{POP DIRECTIONAL ISOLATE}: {meaning}"
        for sign, meaning in signs.items()
        if _occurs(sign, text)
    )


def _occurs(sign: str, text: str) -> bool:
    """A sign of letters only as a word of its own."""
    if not sign.isalpha():
        return sign in text
    return re.search(rf"\b{re.escape(sign)}\b", text) is not None
