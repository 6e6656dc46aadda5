"""The ranges of a race's settings, for their controls and for links that set them.

They are narrower than what the fields of the experiment allow.
"""

from rnnviz.messages import N_
from rnnviz.settings import Range

HIDDEN_UNITS = Range(2, 128, label=N_("Hidden units"))
TRAINING_STEPS = Range(50, 20_000, label=N_("Training steps"), logarithmic=True)
LEARNING_RATE = Range(0.0001, 0.3, label=N_("Learning rate"), logarithmic=True)
FORGET_BIAS = Range(
    0.0,
    5.0,
    step=0.1,
    label=N_("Forget bias"),
    help=N_(
        "Where the forget gates of the LSTM with a forget bias start: the higher, the longer it "
        "keeps its state before it has learned anything (Jozefowicz et al. 2015 advise 1)."
    ),
)
CLIP = Range(0.05, 10.0, label=N_("Gradient clipping"), logarithmic=True)
SEEDS = Range(1, 5, label=N_("Number of seeds"))
TIME_LIMIT = Range(2.0, 600.0, label=N_("Time limit"), unit=N_("seconds"), logarithmic=True)
PATIENCE = Range(50, 5000, label=N_("Patience"), unit=N_("steps"), logarithmic=True)

MAX_STEPS_PER_SECOND = 5000
"""More than any model reaches: where the time ends the training, the steps must not."""


def step_limit(seconds: float) -> int:
    """So many steps that the time is up before they are done."""
    return round(seconds * MAX_STEPS_PER_SECOND)
