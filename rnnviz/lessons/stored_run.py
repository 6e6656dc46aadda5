"""What a stored run computed of one of its examples, or of a visitor's text. T time steps."""

import torch

from rnnviz.data import UPLOADS
from rnnviz.lessons.cell_view import cell_view
from rnnviz.lessons.lesson import PREDICTED_TARGET, memory_data
from rnnviz.lessons.unknown_words import unknown_flags, unknown_warnings
from rnnviz.lessons.view import MAX_TIME_STEPS, NO_STATE, OWN, TOO_LONG, LessonData
from rnnviz.messages import Message, Problem
from rnnviz.model import EncoderDecoder, SequenceModel
from rnnviz.tasks import DECODER_KINDS, Batch, Example, Task, stack
from rnnviz.text import LIMIT
from rnnviz.training import Experiment, load_model


def read_run(
    experiment: str, weights: bytes, title: str, choice: str, text: str, files: tuple[bytes, ...]
) -> LessonData:
    """Let the model of a run, an `experiment` as JSON with its `weights`, read a sequence.

    Args:
        title: of the model, a message.
        choice: the number of one of the examples, "0" for the one shown during training, or `OWN`.
        text: the visitor's own.
        files: of visitors, which the task reads.

    Raises:
        Problem: the model has no states, the sequence is too long, or the text is empty.
    """
    for content in files:
        UPLOADS.add(content)
    run = Experiment.from_json(experiment)
    model = load_model(run, weights)
    if not isinstance(model, SequenceModel | EncoderDecoder):
        raise Problem(NO_STATE)
    task, spec, own_answer = run.task, run.model, choice == OWN
    example = _example(task, model, choice, text)
    tokens, batch = example.tokens, example.batch
    T = model.embed(batch.inputs).shape[1]
    if T > MAX_TIME_STEPS:
        raise Problem(TOO_LONG, T=T, limit=MAX_TIME_STEPS)
    pooled = len(tokens) != T
    steps = _pooled_tokens(tokens, spec.pool) if pooled else tokens
    token_model = _token_model(model, task, len(tokens))
    memory = {}
    if token_model is not None:
        memory = memory_data({spec.cell: token_model}, task, batch.inputs[0].tolist())
    return LessonData(
        tokens=steps,
        unknown=(False,) * len(steps) if pooled else unknown_flags(task, tokens),
        cell_views=(cell_view(spec.cell, title, model, task, batch, own_answer),),
        warnings=unknown_warnings(task, tokens) if own_answer else (),
        remarks=((Message(PREDICTED_TARGET),),) if own_answer else (),
        **memory,  # type: ignore[arg-type]
    )


def _token_model(model: SequenceModel | EncoderDecoder, task: Task, T: int) -> SequenceModel | None:
    """The model, if each of its steps reads one token and there are not too many of them."""
    if not isinstance(model, SequenceModel) or model.front or task.features or T > LIMIT:
        return None
    return model


def _example(task: Task, model: SequenceModel | EncoderDecoder, choice: str, text: str) -> Example:
    """The chosen sequence: the probe example, one of the questions, or the visitor's text."""
    if choice == "0":
        return task.example()
    if choice == OWN:
        tokens, ids = task.encode(text)
        with torch.no_grad():
            answer = model.predict(stack([ids], [0])).argmax(-1)
        return Example(tuple(tokens), stack([ids], answer.tolist()))
    row = task.questions().row(int(choice) - 1)
    return Example(_tokens(task, row), _without_padding(task, row))


def _without_padding(task: Task, batch: Batch) -> Batch:
    """One sequence without its padding."""
    T = int(batch.lengths[0])
    inputs, targets, mask = batch.inputs[:, :T], batch.targets, batch.mask
    if task.kind not in DECODER_KINDS:
        mask = mask[:, :T]
    if task.kind == "many-to-many":
        targets = targets[:, :T]
    return Batch(inputs, batch.lengths, targets, mask)


def _tokens(task: Task, batch: Batch) -> tuple[str, ...]:
    """The tokens of one sequence, or its first feature as numbers."""
    T = int(batch.lengths[0])
    if task.features:
        return tuple(f"{value:.2f}" for value in batch.inputs[0, :T, 0].tolist())
    return tuple(task.vocabulary.decode(batch.inputs[0, :T].tolist()))


def _pooled_tokens(tokens: tuple[str, ...], pool: int) -> tuple[str, ...]:
    """The first and the last token of each pooling window, which is one step of the network."""
    starts = range(0, len(tokens), pool)
    return tuple(
        f"{tokens[start]} … {tokens[min(start + pool, len(tokens)) - 1]}" for start in starts
    )
