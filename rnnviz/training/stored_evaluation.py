"""The evaluation of a model from its stored weights: what a page has computed in a process."""

from rnnviz.messages import Message
from rnnviz.training.checkpoint import load_model
from rnnviz.training.evaluation import (
    Confusion,
    Decoding,
    decodings,
    final_metrics,
    model_confusion,
)
from rnnviz.training.experiment import Experiment


def stored_confusion(
    experiment: Experiment, weights: bytes
) -> tuple[Confusion, tuple[Message, ...]]:
    """The confusions of a classification, and the task's remarks on the model.

    Raises:
        Problem: the weights belong to another model.
    """
    model, task = load_model(experiment, weights), experiment.task
    result = model_confusion(model, task)
    assert result is not None, "only a classification has confusions"
    return result, tuple(task.remarks(model))


def stored_decodings(
    experiment: Experiment, weights: bytes, width: int
) -> tuple[tuple[Decoding, ...], dict[str, float]]:
    """The answers of a decoder, greedily and with a beam of `width`, and its final metrics.

    Raises:
        Problem: the weights belong to another model.
    """
    model, task = load_model(experiment, weights), experiment.task
    return tuple(decodings(model, task, width)), final_metrics(model, task)
