"""Article 3: lecture notes with PyTorch."""

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.reading.stops import Article, Stop
from rnnviz.messages import N_

LECTURE_NOTES = Article(
    N_("Lecture notes with PyTorch"),
    (
        Stop(
            N_("1. What sequential data are"),
            "sequences-and-memory?part=shuffle",
            N_("Swap the words: the RNN's answer moves, the bag of words' does not."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("3. The memory system"),
            "sequences-and-memory?part=machine",
            N_("The total that is carried from processor to processor."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("3.1 Example: four days, then the fifth"),
            "forecasting?part=order&days=4&every=24",
            N_("Four values in order and shuffled, and the last one alone."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("4. The structure of a simple RNN"),
            "step",
            N_("The function in its loop, with the line that runs now."),
        ),
        Stop(
            N_("4.1 The hidden state and its weights"),
            "shapes-and-layers?part=weights&cell=rnn&directions=one",
            N_("The same weights at every step."),
            Verdict.RIGHT,
        ),
        Stop(
            N_("5. RNNs by kind of problem"),
            "kinds-of-problems",
            N_("Encoder and decoder, with one vector between them."),
        ),
        Stop(
            N_("6. Bidirectional RNN"),
            "shapes-and-layers?cell=lstm&batch_axis=second&values=random&batch=30&steps=100"
            "&inputs=6&hidden=200",
            N_("Where the backward half of h_n sits in output: at the first step."),
        ),
        Stop(
            N_("7. Stacking RNNs"),
            "step?example=hello&layers=2",
            N_("The states of the first layer are what the second reads."),
        ),
        Stop(
            N_("8. The RNN layer of PyTorch: shapes"),
            "shapes-and-layers",
            N_("Move B, T and the sizes; every shape follows."),
        ),
        Stop(
            N_("9. Backpropagation through time"),
            "step?example=hello&backward=1",
            N_("Each step's part of the gradient of the shared W."),
            Verdict.HALF_RIGHT,
        ),
        Stop(
            N_("10. LSTM"),
            "inside-the-gates",
            N_("The conveyor c_t as a water level behind three valves."),
        ),
        Stop(
            N_("12. Code: hidden and cell"),
            "shapes-and-layers?cell=lstm&directions=one",
            N_("h_n and c_n both are of the last step."),
            Verdict.WRONG,
        ),
    ),
)
