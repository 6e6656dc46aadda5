"""A small model reads what a visitor gives it: states, logits and answers, step by step.

T time steps, U steps of an answer, H hidden units, V labels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.ideas.kinds.networks import load_trained
from rnnviz.ideas.kinds.settings import Problem, Trained
from rnnviz.model import DenseModel, EncoderDecoder, SequenceModel
from rnnviz.tasks import END_LABEL
from rnnviz.tasks.translate.captions import Captions
from rnnviz.text import PAD

LONGEST_ANSWER = 16
"""Steps after which a decoder is stopped that does not end its answer itself."""
LONGEST_TEXT = 20
"""Tokens that are read of a text."""
ONE_PAD = 1
"""Steps of padding behind a source, to see that attention passes over them."""

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Step:
    """One time step.

    Attributes:
        token: what is read.
        is_known: whether it is in the vocabulary.
        state: the hidden state after it (H).
        logits: what the head makes of the state (V); none where no head reads it.
        attention: the weight of each source step (T), with attention.
    """

    token: str
    is_known: bool
    state: Numbers
    logits: Numbers = ()
    attention: Numbers = ()

    @property
    def answer(self) -> int:
        """The label with the largest logit."""
        return max(range(len(self.logits)), key=self.logits.__getitem__)


@dataclass(frozen=True)
class Reading:
    """All that the model computed.

    Attributes:
        read: the steps that read the input.
        written: the steps of the decoder, where there is one.
        vector: what the decoder starts from (H); zeros where it is cut.
        labels: the V answers that there are, as codes.
        shapes: of the layers of the model, what goes in first: their names and sizes.
    """

    read: tuple[Step, ...]
    written: tuple[Step, ...]
    vector: Numbers
    labels: tuple[str, ...]
    shapes: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def answered(self) -> tuple[Step, ...]:
        """The steps that have logits."""
        return self.written or tuple(step for step in self.read if step.logits)

    @property
    def answers(self) -> tuple[str, ...]:
        """The likeliest label of each of them, up to the end of a written answer."""
        return tuple(self.labels[step.answer] for step in self.answered)


@torch.no_grad()
def read_text(trained: Trained, text: str, *, cut: bool = False) -> Reading:
    """What the model makes of `text`.

    Raises:
        rnnviz.messages.Problem: the text is empty.
    """
    problem, model = trained.problem, load_trained(trained)
    task = problem.task
    tokens, ids = task.encode(text)
    tokens, ids = tokens[:LONGEST_TEXT], ids[:LONGEST_TEXT]
    known = [not task.vocabulary.is_unknown(token) for token in tokens]
    inputs = torch.tensor([ids])
    if isinstance(model, EncoderDecoder):
        return _decode(problem, model, inputs, tokens, known, cut=cut)
    assert isinstance(model, SequenceModel), "what reads a text reads it step by step"
    outputs, _after = model.recurrent(model.embed(inputs))
    logits = model.head(outputs)[0].tolist()
    steps = tuple(
        Step(token, is_known, _numbers(state), tuple(values))
        for token, is_known, state, values in zip(tokens, known, outputs[0], logits, strict=True)
    )
    return Reading(steps, (), (), task.labels, layer_shapes(model, inputs))


@torch.no_grad()
def look_at(trained: Trained, picture: int, *, cut: bool = False) -> Reading:
    """What the model makes of a picture of 8 x 8 pixels (`rnnviz.tasks.translate.drawings`)."""
    problem, model = trained.problem, load_trained(trained)
    inputs = Captions().of_picture(picture)
    if isinstance(model, EncoderDecoder):
        return _decode(problem, model, inputs, [""], [True], cut=cut)
    assert isinstance(model, DenseModel), "one picture and one answer need no memory"
    state = model.summary(inputs, torch.ones(1, dtype=torch.int64), lambda x: x)
    step = Step("", True, _numbers(state[0]), _numbers(model.head(state)[0]))
    return Reading((step,), (), (), problem.task.labels)


def _decode(
    problem: Problem,
    model: EncoderDecoder,
    inputs: Tensor,
    tokens: list[str],
    known: list[bool],
    *,
    cut: bool,
) -> Reading:
    """The encoder reads, one vector is handed over, the decoder writes."""
    T, labels = len(tokens), problem.task.labels
    lengths = torch.tensor([T])
    outputs, _after = model.recurrent(model.embed(inputs))
    if problem.attention:  # one step of padding, which must get no weight
        inputs = torch.nn.functional.pad(inputs, (0, ONE_PAD), value=PAD)
    source, decoder = model.encode(inputs, lengths), model.decoder
    state = decoder.initial_state(source)
    if cut:
        state = tuple(torch.zeros_like(each) for each in state)
    vector = _numbers(state[0][-1, 0])
    label, written = decoder.start_tokens(1), list[Step]()
    for _ in range(LONGEST_ANSWER):
        token = labels[int(label)] if written else ""
        logits, weights, state = decoder(source, label, state)
        attention = () if weights is None else _numbers(weights[0, 0])
        step = Step(token, True, _numbers(state[0][-1, 0]), _numbers(logits[0, 0]), attention)
        written.append(step)
        label = logits.argmax(-1)
        if step.answer == END_LABEL:
            break
    read = tuple(
        Step(token, is_known, _numbers(state))
        for token, is_known, state in zip(tokens, known, outputs[0], strict=True)
    )
    return Reading(read, tuple(written), vector, labels)


def layer_shapes(model: SequenceModel, inputs: Tensor) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """What each part of `model` returns for `inputs` (1,T), as it is computed.

    The names: "embedding", the class of the recurrent layer, "last", and "Linear" for a head of one
    linear layer, "deep" for one of two.
    """
    x = model.embed(inputs)
    outputs, _after = model.recurrent(x)
    head = "deep" if isinstance(model.head, nn.Sequential) else type(model.head).__name__
    parts = (
        ("embedding", x),
        (type(model.recurrent).__name__, outputs),
        ("last", outputs[:, -1]),
        (head, model.head(outputs[:, -1])),
    )
    return tuple((name, tuple(tensor.shape)) for name, tensor in parts)


def softmax(logits: Numbers, temperature: float) -> Numbers:
    """The shares into which logits divided by `temperature` turn: all positive, their sum is 1."""
    largest = max(logits)
    powers = torch.tensor([(z - largest) / temperature for z in logits], dtype=torch.float64).exp()
    return _numbers(powers / powers.sum())


def double_softmax_loss(logits: Numbers, label: int) -> tuple[float, float]:
    """The cross entropy of `logits` for `label`, and wrongly, of their softmax."""
    z, target = torch.tensor([logits]), torch.tensor([label])
    loss = nn.functional.cross_entropy
    return loss(z, target).item(), loss(z.softmax(-1), target).item()


def _numbers(values: Tensor) -> Numbers:
    return tuple(values.tolist())
