"""The networks of the lessons: how they are trained, and what a probe reads off their states."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import torch

from rnnviz.data import UPLOADS
from rnnviz.lessons.settings import LessonSettings
from rnnviz.memory import ProbeCurve, first_token_probe, opening_tokens
from rnnviz.model import SequenceModel
from rnnviz.training import (
    Experiment,
    Trainer,
    intent_experiment,
    load_model,
    text_experiment,
    train,
    weights_of,
)


def experiment_of(settings: LessonSettings, cell: str) -> Experiment:
    """How the network of `cell` is trained.

    Raises:
        Problem: the text is too short.
    """
    if settings.token_unit == "word":
        return intent_experiment(
            cell, settings.hidden, settings.layers, settings.seed, settings.intent_language
        )
    return text_experiment(
        settings.text_to_read, cell, settings.hidden, settings.layers, settings.seed
    )


def lesson_model(experiment: Experiment, weights: bytes | None) -> SequenceModel:
    """The network with these weights; with None, as it is before training."""
    model = Trainer(experiment).model.eval() if weights is None else load_model(experiment, weights)
    assert isinstance(model, SequenceModel), "neither lessons nor probes have other models"
    return model


def trained_weights(settings: LessonSettings) -> Generator[float, None, bytes]:
    """Train the network of the one cell in `settings` and return its weights.

    Yields:
        The share that is done.
    """
    [cell] = settings.cells
    experiment = experiment_of(settings, cell)
    trainer, last = Trainer(experiment), -1
    with _fast_cpu():
        for _ in train(trainer):
            percent = 100 * trainer.step // experiment.optimiser.steps
            if percent != last:  # A message for each of thousands of steps would slow them down.
                last = percent
                yield percent / 100
    return weights_of(trainer.model)


def lesson_candidates(settings: LessonSettings) -> tuple[int, ...]:
    """The tokens that texts begin with most often, as the networks of `settings` know them."""
    return opening_tokens(experiment_of(settings, settings.cells[0]).task)


def lesson_probe(
    settings: LessonSettings,
    weights: bytes | None,
    candidates: tuple[int, ...],
    lengths: tuple[int, ...],
) -> ProbeCurve:
    """How well a probe names the first token that the network of the one cell has read.

    Args:
        weights: of the network; None for those that it starts from.
        candidates: the ids of the tokens that may come first.
        lengths: how many tokens are read.

    Raises:
        Problem: the vocabulary is too small to tell first tokens apart.
    """
    [cell] = settings.cells
    return _probe(lesson_model(experiment_of(settings, cell), weights), candidates, lengths)


def run_candidates(experiment: str, files: tuple[bytes, ...]) -> tuple[int, ...]:
    """As `lesson_candidates`, of the task of an experiment as JSON that reads visitors' `files`."""
    for content in files:
        UPLOADS.add(content)
    return opening_tokens(Experiment.from_json(experiment).task)


def run_probe(
    experiment: str,
    files: tuple[bytes, ...],
    weights: bytes,
    candidates: tuple[int, ...],
    lengths: tuple[int, ...],
) -> ProbeCurve:
    """As `lesson_probe`, of a stored run."""
    for content in files:
        UPLOADS.add(content)
    model = lesson_model(Experiment.from_json(experiment), weights)
    return _probe(model, candidates, lengths)


def _probe(
    model: SequenceModel, candidates: tuple[int, ...], lengths: tuple[int, ...]
) -> ProbeCurve:
    generator = torch.Generator().manual_seed(0)
    return first_token_probe(model, lengths, candidates, generator)


@contextmanager
def _fast_cpu() -> Iterator[None]:
    """Train without denormal numbers, on which a processor is ten times slower, in this thread.

    And with one thread for each operation: on a busy machine the threads of so small an operation
    spend their time waiting for each other.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
