"""Article 1: a Korean reading of the illustrated guide to recurrent networks."""

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.reading.stops import Article, Stop
from rnnviz.messages import N_

ILLUSTRATED_GUIDE = Article(
    N_("Illustrated guide to recurrent networks"),
    (
        Stop(
            N_("Sequence data: where does the ball fly?"),
            "sequences-and-memory",
            N_("Guess from one picture, then from six."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("Sound and text as sequences"),
            "sequences-and-memory?part=tone",
            N_("A tone becomes a row of spectra."),
        ),
        Stop(
            N_("Sequential memory: the alphabet"),
            "sequences-and-memory?part=alphabet",
            N_("Learned forwards, asked backwards."),
        ),
        Stop(
            N_("Recurrent neural networks: the loop"),
            "sequences-and-memory?part=machine",
            N_("Folded loop and unrolled chain are the same machine."),
        ),
        Stop(
            N_("“What time is it?”, word by word"),
            "step",
            N_("Step through the sentence and watch the program run."),
        ),
        Stop(
            N_("Short-term memory"),
            "step",
            N_("How well a linear probe can still name the first word."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("Three phases of training"),
            "learning?stage=loss",
            N_("Forward, loss, backward, update: one parameter at a time."),
        ),
        Stop(
            N_("The gradient shrinks layer by layer"),
            "learning?part=depth",
            N_("Layers and time steps multiply alike."),
        ),
        Stop(
            N_("LSTM and GRU"),
            "inside-the-gates",
            N_("Hold each gate by hand and keep the first value."),
        ),
        Stop(
            N_("Summary: which one when?"),
            "side-by-side?task=delayed_recall&lag=80",
            N_("Train all three and see who remembers."),
        ),
    ),
)
