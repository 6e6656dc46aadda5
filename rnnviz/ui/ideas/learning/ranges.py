"""The ranges of the page's sliders."""

from rnnviz.ideas.learning.flow import MAX_DEPTH
from rnnviz.ideas.learning.truncation import MAX_LENGTH
from rnnviz.messages import N_
from rnnviz.settings import Range

STEPS = Range(0, 200, label=N_("Training steps before"))
RATE = Range(0.001, 3.0, label=N_("Learning rate"), logarithmic=True)
DEPTH = Range(2, MAX_DEPTH, label=N_("Layers, and time steps"))
RADIUS = Range(0.1, 3.0, step=0.1, label=N_("Spectral radius of W_hh"))
SCALE = Range(0.1, 3.0, step=0.1, label=N_("Spectral radius of every matrix"))
PIECE = Range(1, MAX_LENGTH, label=N_("Steps in a piece"))
LENGTH = Range(4, MAX_LENGTH, label=N_("Length of the sequence"))
DROPOUT = Range(0.0, 0.8, step=0.1, label=N_("Dropout"))
P = Range(0.0, 0.8, step=0.1, label=N_("Dropout p"))

LOSS_AT = {"every": N_("every step"), "last": N_("last step")}
