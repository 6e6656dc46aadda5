"""Training: the experiment that decides a run, the loop that trains it, and its checkpoints."""

from rnnviz.training.batches import steps_per_epoch
from rnnviz.training.checkpoint import (
    WeightsPacker,
    checkpoint,
    load_checkpoint,
    load_model,
    weights_of,
)
from rnnviz.training.experiment import Experiment, Optimiser
from rnnviz.training.lessons import intent_experiment, text_experiment
from rnnviz.training.loop import Command, LoopAction, fit, train
from rnnviz.training.schedule import Schedule
from rnnviz.training.snapshot import Result, Snapshot
from rnnviz.training.trainer import Trainer

__all__ = [
    "Command",
    "Experiment",
    "LoopAction",
    "Optimiser",
    "Result",
    "Schedule",
    "Snapshot",
    "Trainer",
    "WeightsPacker",
    "checkpoint",
    "fit",
    "intent_experiment",
    "load_checkpoint",
    "load_model",
    "steps_per_epoch",
    "text_experiment",
    "train",
    "weights_of",
]
