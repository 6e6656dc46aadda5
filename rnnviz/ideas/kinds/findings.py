"""What a reading shows, in one sentence."""

from rnnviz.ideas.kinds.reading import Reading, softmax
from rnnviz.ideas.kinds.settings import Counts, Problem
from rnnviz.messages import N_, Message
from rnnviz.tasks.translate.numerals import cardinal

USES = {
    "one-to-one": N_(
        "Nothing comes before or after: a plain network, without a recurrent layer. "
        "Also of this kind: recognising a digit."
    ),
    "one-to-many": N_(
        "The input is no sequence, the output is one. "
        "Also of this kind: captions of photographs and films, music and dance from one theme."
    ),
    "many-to-one": N_(
        "A sequence goes in, one answer of fixed size comes out. "
        "Also of this kind: sentiment, the intent of a question."
    ),
    "in-step": N_(
        "Both are sequences, in step: an answer at every time step. "
        "Also of this kind: a label for each frame of a film, speech recognition frame by frame."
    ),
    "not-in-step": N_(
        "Both are sequences, not in step: the whole question is read before the first letter is "
        "written, so the lengths may differ. "
        "Also of this kind: translation, conversation, questions and answers."
    ),
    "language-model": N_(
        "In step, and what is asked is the next item of the input itself. "
        "Also of this kind: writing on, one letter or one note after the other."
    ),
}
"""What a kind is, and what else it is used for."""

ONE_ANSWER = N_("One picture, one answer: “{answer}”, {share:.0%} sure.")
EMPTY_ANSWER = N_("It writes nothing: the first answer is already the end.")
CAPTION = N_("One picture becomes {count} {count:word|words}: “{answer}”.")
CUT_CAPTION = N_("The picture never arrives: with an empty vector it writes “{answer}”.")
LAST_DECIDES = N_(
    "Only the last token decides: before “{token}” it says “{before}”, then “{answer}”."
)
STANDS_FROM = N_("“{answer}” stands from token {first} of {count} on: “{token}”.")
STANDS_ALWAYS = N_("“{answer}” from the first token to the last of {count}.")
ONE_TOKEN = N_("One token is all there is: “{answer}”.")
IN_STEP = N_("“{token}”: {answer}, said at once, before anything after it is read.")
IN_STEP_BOTH = N_("“{token}”: {answer}, said when all {count} tokens are read from both ends.")
IN_STEP_LAST = N_("Asked only at the last token, the model is right at {right} of {total} others.")
CARRIES = N_("One vector carries the whole question: it alone writes “{answer}”.")
CARRIES_WRONG = N_("One vector carries the whole question, and loses some: it writes “{answer}”.")
ATTENDS = N_("Attention looks back at the digits for every letter: it writes “{answer}”.")
CUT_SAME = N_("Cut the vector, and every question gets the same answer: “{answer}”.")
CUT_ATTENDS = N_(
    "The vector is cut, but attention still sees the digits: {count} different answers, {right} of"
    " {total} right."
)
NEXT = N_("“{text}” becomes “{answer}”: {right} of {total} {total:letter is|letters are} right.")


def finding(
    problem: Problem, reading: Reading, counts: Counts, *, step: int, cut: bool, text: str
) -> Message:
    """What the picture shows, in one sentence; `step` is the picked one of those with answers."""
    answers = [*reading.answers]
    if problem.is_decoded and answers[-1] == "<eos>":
        answers.pop()
    match problem.kind:
        case "one-to-one":
            share = max(softmax(reading.read[0].logits, 1.0))
            return Message(ONE_ANSWER, {"answer": answers[0], "share": share})
        case "one-to-many":
            if not answers:
                return Message(EMPTY_ANSWER)
            template = CUT_CAPTION if cut else CAPTION
            return Message(template, {"count": len(answers), "answer": " ".join(answers)})
        case "many-to-one":
            return _when_decided(problem, reading)
        case "in-step":
            if problem.loss_at == "last":
                others = {"right": counts.before_right, "total": counts.before}
                return Message(IN_STEP_LAST, others)
            title = problem.task.label_titles[answers[step]]
            both = {"count": len(answers), "answer": Message(title)}
            template = IN_STEP_BOTH if problem.bidirectional else IN_STEP
            return Message(template, both | {"token": reading.answered[step].token})
        case "not-in-step":
            return _carried(problem, counts, "".join(answers), cut=cut, text=text)
    size = len(text) - 1
    values = {"text": text[:size], "answer": "".join(answers[:size])}
    return Message(NEXT, values | {"right": str(counts.right), "total": str(counts.total)})


def _when_decided(problem: Problem, reading: Reading) -> Message:
    titles = problem.task.label_titles
    answers, count = reading.answers, len(reading.answers)
    values = {"answer": Message(titles[answers[-1]]), "count": count}
    first = count - 1
    while first and answers[first - 1] == answers[-1]:
        first -= 1
    values |= {"first": first + 1, "token": reading.answered[first].token}
    if count == 1:
        return Message(ONE_TOKEN, values)
    if first == count - 1:
        return Message(LAST_DECIDES, values | {"before": Message(titles[answers[-2]])})
    return Message(STANDS_FROM if first else STANDS_ALWAYS, values)


def _carried(problem: Problem, counts: Counts, answer: str, *, cut: bool, text: str) -> Message:
    values = {"answer": answer, "right": counts.cut, "total": counts.total}
    if cut and problem.attention:
        return Message(CUT_ATTENDS, values | {"count": len(counts.cut_answers)})
    if not answer:
        return Message(EMPTY_ANSWER)
    if cut:
        return Message(CUT_SAME, values)
    if problem.attention:
        return Message(ATTENDS, values)
    right = text.isdecimal() and len(text) < 3 and cardinal(int(text)) == answer
    return Message(CARRIES if right else CARRIES_WRONG, values)
