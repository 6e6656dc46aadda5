"""Article 4: from hello to many-to-one with Keras."""

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.reading.stops import Article, Stop
from rnnviz.messages import N_

HELLO = Article(
    N_("From “hello” to many-to-one"),
    (
        Stop(
            N_("Sequence data: hell → ello"),
            "step?example=hello",
            N_("Letter by letter, with the prediction after each."),
        ),
        Stop(
            N_("Vanilla RNN"),
            "step?example=hello&cells=rnn",
            N_("The head predicts; the state only feeds it."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("One-hot vectors of h, e, l, o"),
            "text-into-numbers?text=hell&others=ello&unit=character&source=own&order=appearance"
            "&mask=0&unk=0&longest=4&vectors=one-hot",
            N_("Four letters, four places, a single 1."),
        ),
        Stop(
            N_("Applications, and the five drawings"),
            "kinds-of-problems",
            N_("From one to one to many to many."),
        ),
        Stop(
            N_("One cell: (1, 1, 2)"),
            "shapes-and-layers?part=returns&sequences=1&return_state=1&cell=rnn&directions=one"
            "&batch=1&steps=1&hidden=2",
            N_("Why outputs and states differ in shape."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("Three words: (3, 5, 2)"),
            "shapes-and-layers?cell=rnn&directions=one&hidden=2",
            N_("hello, eolll and lleel as one batch."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("Four words: ids, lengths, padding"),
            "text-into-numbers?text=good&others=bad / worse / so good&unit=character&source=own"
            "&order=alphabet&unk=0&longest=10",
            N_("The very arrays that the article prints."),
        ),
        Stop(
            N_("Training with GradientTape"),
            "keras-and-pytorch?part=training",
            N_("The same loop in PyTorch, line by line."),
        ),
        Stop(
            N_("Accuracy 100 %"),
            "side-by-side?task=four_words",
            N_("Reached in a moment, on words that are learned by heart."),
            Verdict.HALF_RIGHT,
        ),
    ),
)
