"""What the pictures show, in sentences that follow from their numbers, and the articles' claims."""

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.messages import N_, Message
from rnnviz.names import CELL_NAMES

if TYPE_CHECKING:
    from rnnviz.ideas.keras.choice import ModelChoice
    from rnnviz.ideas.keras.defaults_part import Starts
    from rnnviz.ideas.keras.lines import Program
    from rnnviz.ideas.keras.text_part import Ids, TextChoice
    from rnnviz.ideas.keras.training_part import Losses


def model_finding(choice: "ModelChoice") -> Message:
    """Whether both libraries give the recurrent layers the same number of weights, and why."""
    from rnnviz.ideas.keras.choice import count_weights

    keras, pytorch = count_weights(choice)
    values = {"layer": choice.keras_layer, "count": f"{keras.recurrent:,}"}
    if keras.recurrent == pytorch.recurrent:
        text = N_("{layer}: {count} weights in Keras and in PyTorch; both give it two bias vectors")
        return Message(text, values)
    text = N_(
        "{layer}: {count} weights in Keras, {other} in PyTorch, which adds a second bias vector"
    )
    return Message(text, values | {"other": f"{pytorch.recurrent:,}"})


def model_claim(choice: "ModelChoice") -> Claim:
    """Another cell is another word."""
    from dataclasses import replace

    from rnnviz.ideas.keras.model_part import compare_models

    plain = compare_models(replace(choice, cell="rnn"))
    lstm = compare_models(replace(choice, cell="lstm"))
    keras, pytorch = (
        _count_changes(one, two)
        for one, two in ((plain.keras, lstm.keras), (plain.pytorch, lstm.pytorch))
    )
    is_one = keras == choice.layers
    return Claim(
        Message(N_("From SimpleRNN to LSTM or GRU, only the name of the layer changes.")),
        Verdict.RIGHT if is_one else Verdict.WRONG,
        Message(
            N_(
                "From SimpleRNN to LSTM, {keras} {keras:line changes|lines change} in Keras and"
                " {pytorch} {pytorch:line|lines} in PyTorch, whose LSTM returns h and c."
            ),
            {"keras": keras, "pytorch": pytorch},
        ),
    )


def _count_changes(one: "Program", two: "Program") -> int:
    old, new = one.code.splitlines(), two.code.splitlines()
    blocks = SequenceMatcher(a=old, b=new, autojunk=False).get_matching_blocks()
    return len(new) - sum(block.size for block in blocks)


def text_finding(choice: "TextChoice", ids: "Ids") -> Message:
    """What becomes of the words that have no number."""
    values = {"total": len(ids.words), "dropped": ids.dropped, "unknown": ids.unknown}
    if not ids.words:
        return Message(N_("No words, no numbers: type a text"))
    if not ids.dropped and not ids.unknown:
        return Message(N_("Every word has a number: neither library loses one of {total}"), values)
    if not ids.dropped:
        text = N_("The Tokenizer knows all {total} words; TextVectorization writes 1 for {unknown}")
        return Message(text, values)
    text = N_(
        "The Tokenizer drops {dropped} of {total} words without a trace; TextVectorization writes"
        " 1 for {unknown}"
    )
    return Message(text, values)


def text_claim(ids: "Ids") -> Claim:
    """What fit_on_texts does."""
    return Claim(
        Message(N_("fit_on_texts turns texts into lists.")),
        Verdict.WRONG,
        Message(
            N_(
                "It returns nothing: it counts, here {count} different {count:word|words}, and"
                " numbers them by frequency. texts_to_sequences makes the lists."
            ),
            {"count": len(set(ids.words))},
        ),
    )


def training_finding(losses: "Losses", epochs: int) -> Message:
    """How far the loop has come."""
    from rnnviz.ideas.keras.training_part import LABELS

    values = {
        "epochs": epochs,
        "before": f"{losses.before:.2f}",
        "after": f"{losses.after:.3f}",
        "right": losses.right,
        "texts": len(LABELS),
    }
    if losses.right == len(LABELS):
        text = N_(
            "{epochs} {epochs:epoch|epochs}: the loss goes from {before} to {after}, and all"
            " {texts} texts are answered right"
        )
        return Message(text, values)
    text = N_(
        "{epochs} {epochs:epoch|epochs}: the loss goes from {before} to {after}, but only {right}"
        " of {texts} texts {right:is|are} answered right"
    )
    return Message(text, values)


def training_claim(losses: "Losses") -> Claim:
    """Which line computes the gradients."""
    return Claim(
        Message(N_("apply_gradients computes the gradients.")),
        Verdict.WRONG,
        Message(
            N_(
                "tape.gradient computes them, in PyTorch loss.backward(). apply_gradients moves the"
                " weights, in PyTorch optimiser.step(): only so does the loss become {after}."
            ),
            {"after": f"{losses.after:.3f}"},
        ),
    )


def defaults_finding(choice: "ModelChoice", starts: "Starts", *, keras: bool) -> Message:
    """What is left of the gradient from one start, and how much more or less from the other."""
    from rnnviz.figures import short_number
    from rnnviz.ideas.keras.defaults_part import T

    here = starts.remaining(choice.cell, keras=keras)
    other = starts.remaining(choice.cell, keras=not keras)
    values = {
        "cell": CELL_NAMES[choice.cell],
        "last": T,
        "share": short_number(here),
        "other": short_number(other),
        "times": short_number(max(here / other, other / here)),
    }
    texts = {
        (False, True): N_(
            "{cell} with PyTorch's defaults: from step {last} back to step 1 the gradient is"
            " multiplied by {share}; Keras' defaults leave {times} times as much"
        ),
        (False, False): N_(
            "{cell} with PyTorch's defaults: from step {last} back to step 1 the gradient is"
            " multiplied by {share}; Keras' defaults leave less, {other}"
        ),
        (True, True): N_(
            "{cell} with Keras' defaults: from step {last} back to step 1 the gradient is"
            " multiplied by {share}, {times} times as much as with PyTorch's"
        ),
        (True, False): N_(
            "{cell} with Keras' defaults: from step {last} back to step 1 the gradient is"
            " multiplied by {share}, less than the {other} of PyTorch's"
        ),
    }
    keras_leaves_more = (here > other) == keras
    return Message(texts[keras, keras_leaves_more], values)


def defaults_claim(starts: "Starts", *, keras: bool) -> Claim:
    """Whether the LSTM cures the vanishing gradient."""
    from rnnviz.cells import LSTM, RNN
    from rnnviz.figures import short_number

    lstm, rnn = (starts.remaining(cell, keras=keras) for cell in (LSTM.name, RNN.name))
    verdict = Verdict.HALF_RIGHT if lstm > rnn else Verdict.WRONG
    if starts.flow(LSTM.name, keras=keras).outcome not in ("vanishes", "shrinks"):
        verdict = Verdict.RIGHT
    return Claim(
        Message(N_("The LSTM carries information past many steps and so cures vanishing.")),
        verdict,
        Message(
            N_(
                "Before any training its gradient is multiplied by {share} in {steps} steps, the"
                " RNN's by {other}: it keeps {times} times as much, and still next to nothing."
            ),
            {
                "share": short_number(lstm),
                "other": short_number(rnn),
                "times": short_number(lstm / rnn),
                "steps": starts.pytorch.settings.length,
            },
        ),
    )
