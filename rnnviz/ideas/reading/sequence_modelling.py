"""Article 0: a blog post on sequence modelling with PyTorch."""

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.reading.stops import Article, Stop
from rnnviz.messages import N_

SEQUENCE_MODELLING = Article(
    N_("Recurrent networks and sequence modelling"),
    (
        Stop(
            N_("6.0 Sequence data"),
            "sequences-and-memory?part=order",
            N_("What changes when the order of the items is lost."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("Kinds of sequence modelling"),
            "kinds-of-problems",
            N_("Six drawings; in each a small network reads your own text."),
        ),
        Stop(
            N_("RNN and feed-forward network"),
            "sequences-and-memory?part=machine&form=loop",
            N_("One extra arrow carries the total from step to step."),
        ),
        Stop(
            N_("The formula of the hidden state"),
            "step?example=hello",
            N_("Click a unit: the sum behind it, with its numbers."),
        ),
        Stop(
            N_("Activation: sigmoid, tanh, ReLU"),
            "learning?part=activation&activation=relu&set_radius=1&radius=3",
            N_("Whether ReLU's values grow depends on the weights."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("Vanishing gradients"),
            "vanishing",
            N_("tanh vanishes too, only more slowly than the sigmoid."),
            Verdict.WRONG,
        ),
        Stop(
            N_("BPTT and its truncation"),
            "learning?part=cuts&piece=20",
            N_("Cut the chain: how far the gradient turns, what memory it saves."),
        ),
        Stop(
            N_("6.1.1 Elman RNN"),
            "shapes-and-layers?part=loop&cell=rnn&directions=one",
            N_("The loop in twenty lines gives the numbers of nn.RNN."),
        ),
        Stop(
            N_("Sequences of variable length"),
            "text-into-numbers?longest=8",
            N_("Hatched places only fill the table; a mask keeps them unread."),
        ),
        Stop(
            N_("6.2.2 Vocabulary and vectors of surnames"),
            "text-into-numbers?text=Santos&unit=character&source=surnames&ends=1",
            N_("A name becomes numbers, with BEGIN, END and MASK."),
        ),
        Stop(
            N_("6.2.3 SurnameClassifier: the last valid vector"),
            "shapes-and-layers?part=padding&directions=one",
            N_("y_out[:, -1] reads the padding; the lengths find the right vector."),
            Verdict.WRONG,
        ),
        Stop(
            N_("6.2.4 Training and results"),
            "side-by-side?task=surnames&ends=with",
            N_("Train on the surnames, between BEGIN and END, against n-grams."),
        ),
    ),
)
