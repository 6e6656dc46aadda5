"""Training: what decides a run, the loop that runs it, and the experiments of the lessons."""

from rnnviz.training.experiment import Experiment, Optimiser
from rnnviz.training.lessons import intent_experiment, text_experiment
from rnnviz.training.loop import Control, Moment, fit, train
from rnnviz.training.moments import Result, Snapshot
from rnnviz.training.trainer import Trainer

__all__ = [
    "Control",
    "Experiment",
    "Moment",
    "Optimiser",
    "Result",
    "Snapshot",
    "Trainer",
    "fit",
    "intent_experiment",
    "text_experiment",
    "train",
]
