"""Article 2: notes on chapter 6 of a book on Keras."""

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.reading.stops import Article, Stop
from rnnviz.messages import N_

KERAS_CHAPTER = Article(
    N_("Keras, chapter 6: from embedding to LSTM"),
    (
        Stop(
            N_("6.1 Text data: tokens and n-grams"),
            "text-into-numbers?n=2",
            N_("Your own text, cut into words, characters or n-grams."),
        ),
        Stop(
            N_("6.1.1 One-hot encoding and hashing"),
            "text-into-numbers?vectors=hashing",
            N_("Words that fall into the same bucket."),
        ),
        Stop(
            N_("6.1.2 Word embeddings"),
            "text-into-numbers?vectors=embedding",
            N_("One-hot times the table is a row of the table."),
        ),
        Stop(
            N_("padding and truncating"),
            "text-into-numbers?longest=4&cutting=before",
            N_("padding fills, truncating cuts."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("6.1.3 GloVe"),
            "text-into-numbers?origin=glove",
            N_("How many words of the vocabulary GloVe knows."),
        ),
        Stop(
            N_("6.2 RNN in NumPy"),
            "shapes-and-layers?part=loop&cell=rnn&directions=one",
            N_("The loop, line by line, beside the layer."),
        ),
        Stop(
            N_("6.2.1 return_sequences"),
            "shapes-and-layers?part=returns&directions=one",
            N_("All steps or only the last one."),
        ),
        Stop(
            N_("6.2.2 LSTM and GRU layers in Keras"),
            "keras-and-pytorch?part=defaults&start=1",
            N_("Keras starts its LSTM otherwise, and its gradient reaches farther."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("6.3.1 Temperature forecasting: the data"),
            "forecasting",
            N_("The whole series plotted first, cut into three parts."),
        ),
        Stop(
            N_("6.3.2 Preparing the data"),
            "forecasting?days=10&every=1&ahead=24&at=349",
            N_("lookback, step and delay as a window that you move, also across a border."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("6.3.4 A baseline without machine learning"),
            "forecasting?part=guesses",
            N_("Persistence and your own guesses first; then see which network beats them."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("6.3.5 A first recurrent network"),
            "forecasting?part=order",
            N_("The same values, shuffled: what the GRU owes to their order."),
        ),
        Stop(
            N_("6.3.6 Recurrent dropout"),
            "keras-and-pytorch?part=defaults",
            N_("Two methods of one name, each under its own."),
        ),
        Stop(
            N_("6.3.7 Stacking recurrent layers"),
            "forecasting?part=fit&layers=2",
            N_("Training and validation error on one axis, with one layer or two."),
        ),
        Stop(
            N_("6.3.8 Bidirectional RNN"),
            "side-by-side?task=tags&context=right",
            N_("Words that only what follows can decide."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("6.4 Sequences with 1D convnets"),
            "convolution-or-recurrence",
            N_("A window slides over your text."),
        ),
        Stop(
            N_("6.4.4 A CNN in front of an RNN"),
            "convolution-or-recurrence?part=stack",
            N_("The shapes of the stack, and what it costs."),
        ),
    ),
)
