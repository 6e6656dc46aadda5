"""Training: what decides a run, the loop that runs it, and the experiments of the lessons."""

from rnnviz.training.batches import epoch
from rnnviz.training.checkpoint import Packer, checkpoint, resumed, weights_of, with_weights
from rnnviz.training.experiment import Experiment, Optimiser
from rnnviz.training.lessons import intent_experiment, text_experiment
from rnnviz.training.loop import Control, Moment, fit, train
from rnnviz.training.schedule import Cadence
from rnnviz.training.snapshot import Result, Snapshot
from rnnviz.training.trainer import Trainer

__all__ = [
    "Cadence",
    "Control",
    "Experiment",
    "Moment",
    "Optimiser",
    "Packer",
    "Result",
    "Snapshot",
    "Trainer",
    "checkpoint",
    "epoch",
    "fit",
    "intent_experiment",
    "resumed",
    "text_experiment",
    "train",
    "weights_of",
    "with_weights",
]
