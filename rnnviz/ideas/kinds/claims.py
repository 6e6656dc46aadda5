"""What the articles say about the kinds of problems, with the numbers that decide."""

from collections.abc import Callable

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.kinds.reading import Reading, double_softmax_loss, softmax
from rnnviz.ideas.kinds.settings import Counts, Problem
from rnnviz.messages import N_, Message

HIDDEN_IS_PREDICTED = N_("The hidden vector is what is predicted; y_t is the next state.")
HEAD_PREDICTS = N_(
    "The state has {hidden} numbers and none of them is an answer: the head turns them into"
    " {labels} logits. With the same states and another head {fresh} of {total} answers are right,"
    " with its own {right}."
)
PLAIN = N_("One to one is a vanilla network: one input, one output.")
PLAIN_TRUE = N_(
    "It has no weight from state to state, so nothing is remembered; {right} of {total} pictures"
    " are named right."
)
CAPTIONING = N_("Captioning: a picture goes in, a sentence comes out.")
CAPTIONING_TRUE = N_(
    "{right} of {total} pictures that training never showed get a caption without a mistake; with"
    " the vector cut {cut}."
)
LAST_TOKEN = N_("The answer is judged when the last token is read.")
LAST_TOKEN_TRUE = N_(
    "At the last token {last_right} of {last} answers are right ({last_share:.0%}), before it"
    " {before_right} of {before} ({before_share:.0%}): every token moves the state, the last one"
    " completes it."
)
EACH_IN_STEP = N_("Many to many in step labels each item as it comes.")
EACH_AT_ONCE = N_(
    "From left to right {right} of {total} words are tagged right: the word that decides often"
    " comes after the word that is asked."
)
EACH_WAITS = N_(
    "With both directions {right} of {total} words are tagged right, but no answer is there before"
    " the whole sentence has been read."
)
JOINED = N_("Seq2seq joins many to one and one to many: encoder and decoder.")
JOINED_TRUE = N_(
    "One vector is the joint: whole, {right} of {total} numbers are written right, of the {unseen}"
    " never seen in training {unseen_right}; cut, {cut}."
)
JOINED_HALF = N_(
    "Attention adds a second way: whole, {right} of {total} numbers are written right; with the"
    " vector cut still {cut}."
)
SOFTMAX_PICKS = N_("Softmax extracts the largest value.")
ARGMAX_PICKS = N_(
    "Softmax turns {labels} logits into {labels} shares, here {share:.1%} for the largest; argmax"
    " picks it, from the logits just as well."
)
SOFTMAX_OFF = N_("For the cross entropy loss softmax is left off: it takes logits.")
SOFTMAX_TWICE = N_(
    "At this step PyTorch's loss of the logits for “{answer}” is {loss:.4f}; of their softmax,"
    " which is then applied twice, {twice:.4f}."
)
NEXT_IS_INPUT = N_("The input is what was said before, the output predicts what comes next.")
NEXT_IS_TRUE = N_(
    "{right} of {total} next letters are right; but the text was learned by heart, so this shows"
    " memory and no knowledge of a language."
)
LOSS_ALL = N_(
    "The loss asks at all steps: {last_right} of {last} last answers are right, {before_right} of"
    " {before} before them."
)
LOSS_LAST = N_(
    "The loss asks at the last step only: {last_right} of {last} last answers are right,"
    " {before_right} of {before} before them, which nobody ever corrected."
)
CUT_SAME = N_("Whole: {right} of {total} answers right. Cut: {cut}, always the same answer.")
CUT_VARIES = N_(
    "Whole: {right} of {total} answers right. Cut: {cut}, with {count} different answers."
)
FEATURES = N_(
    "The recurrent layer is the feature extractor: its {recurrent_weights:,} weights make {hidden}"
    " features, and a head of {head_weights:,} weights reads the answer from them."
)
GOOGLE = N_(
    "“Google Translate is 7 LSTM layers” is history: the system of 2016 had eight on each side,"
    " with attention, and Transformers have followed. Here one layer of {hidden} units reads and"
    " another writes."
)


def claims(
    problem: Problem, reading: Reading, counts: Counts, step: int
) -> tuple[Claim, tuple[Claim, ...]]:
    """The claim on this kind of problem, and those on the head that reads the picked `step`."""
    logits = reading.answered[step].logits
    label = reading.answered[step].answer
    loss, twice = double_softmax_loss(logits, label)
    name = reading.labels[label]
    values = dict(vars(counts)) | {
        "hidden": len(reading.answered[step].state),
        "labels": len(reading.labels),
        "fresh": counts.fresh_head,
        "share": max(softmax(logits, 1.0)),
        "last_share": counts.last_right / max(1, counts.last),
        "before_share": counts.before_right / max(1, counts.before),
        "answer": Message(problem.task.label_titles.get(name, name)),
        "loss": loss,
        "twice": twice,
    }

    def claim(text: str, verdict: Verdict, why: str) -> Claim:
        return Claim(Message(text), verdict, Message(why, values))

    return _of_kind(problem, claim), (
        claim(HIDDEN_IS_PREDICTED, Verdict.WRONG, HEAD_PREDICTS),
        claim(SOFTMAX_PICKS, Verdict.HALF_RIGHT, ARGMAX_PICKS),
        claim(SOFTMAX_OFF, Verdict.RIGHT, SOFTMAX_TWICE),
    )


def _of_kind(problem: Problem, claim: Callable[[str, Verdict, str], Claim]) -> Claim:
    match problem.kind:
        case "one-to-one":
            return claim(PLAIN, Verdict.RIGHT, PLAIN_TRUE)
        case "one-to-many":
            return claim(CAPTIONING, Verdict.RIGHT, CAPTIONING_TRUE)
        case "many-to-one":
            return claim(LAST_TOKEN, Verdict.RIGHT, LAST_TOKEN_TRUE)
        case "in-step" if problem.bidirectional:
            return claim(EACH_IN_STEP, Verdict.HALF_RIGHT, EACH_WAITS)
        case "in-step":
            return claim(EACH_IN_STEP, Verdict.RIGHT, EACH_AT_ONCE)
        case "not-in-step" if problem.attention:
            return claim(JOINED, Verdict.HALF_RIGHT, JOINED_HALF)
        case "not-in-step":
            return claim(JOINED, Verdict.RIGHT, JOINED_TRUE)
    return claim(NEXT_IS_INPUT, Verdict.RIGHT, NEXT_IS_TRUE)


def count_remarks(problem: Problem, counts: Counts) -> tuple[Message, ...]:
    """What the place of the loss changes, and the cut."""
    templates = []
    if problem.kind != "one-to-one":
        templates.append(LOSS_ALL if problem.loss_at == "all" else LOSS_LAST)
    if problem.is_decoded:
        templates.append(CUT_SAME if len(counts.cut_answers) == 1 else CUT_VARIES)
    values = dict(vars(counts)) | {"count": len(counts.cut_answers)}
    return tuple(Message(template, values) for template in templates)


def layer_remarks(problem: Problem, counts: Counts, hidden: int) -> tuple[Message, ...]:
    """What the layers are for, and how many others have stacked."""
    templates = [FEATURES] if counts.recurrent_weights else []
    if problem.kind == "not-in-step":
        templates.append(GOOGLE)
    return tuple(Message(each, dict(vars(counts)) | {"hidden": hidden}) for each in templates)
