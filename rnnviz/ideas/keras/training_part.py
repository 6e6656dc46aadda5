"""The training in three libraries, and what comes of it when the PyTorch lines really run.

B sequences, T time steps.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from rnnviz.ideas.keras.choice import STEPS, ModelChoice
from rnnviz.ideas.keras.lines import Comparison, Line, Program, Replacement, lines
from rnnviz.ideas.keras.network import Network
from rnnviz.messages import N_, Message
from rnnviz.settings import Range

BATCH, RATE, EPSILON = 2, 0.01, 1e-7
"""Those of the article with the four words; Keras' epsilon of Adam."""

EPOCHS = Range(1, 60, label=N_("Epochs"))
DEFAULT_EPOCHS = 30

TEXTS = ((2,), (3,), (4,), (5, 2))
"""good, bad, worse, so good: 2 is "good"."""

LABELS = (1, 0, 0, 1)


def examples() -> tuple[Tensor, Tensor]:
    """The four texts (B,T), with zeros in front, and what they say (B,1)."""
    rows = [[*[0] * (STEPS - len(ids)), *ids] for ids in TEXTS]
    return torch.tensor(rows), torch.tensor(LABELS)[:, None].float()


@dataclass(frozen=True)
class Losses:
    """The mean loss of all texts, without dropout, before the first step and after the last.

    `right`: how many of the texts get the right answer in the end.
    """

    before: float
    after: float
    right: int


def train(choice: ModelChoice, epochs: int) -> Losses:
    """Run the lines of PyTorch on the four texts, with the seed of the listing.

    For a process of its own: it seeds PyTorch's global generator, and restores it.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, (x, y) = Network(choice), examples()
        loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
        optimiser = torch.optim.Adam(model.parameters(), lr=RATE, eps=EPSILON)
        loss_fn = nn.BCEWithLogitsLoss()
        before, _right = evaluate(model, x, y)
        model.train()
        for _epoch in range(epochs):
            for x_mb, y_mb in loader:
                loss = loss_fn(model(x_mb), y_mb)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return Losses(before, *evaluate(model, x, y))


def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, int]:
    """The mean loss without dropout, and how many answers are right."""
    model.eval()
    with torch.no_grad():
        logits = model(x)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, y)
    return float(loss), int(((logits > 0) == (y > 0)).sum())


JOBS = {
    "batches": N_(
        "fit takes arrays and cuts batches itself, shuffled; in PyTorch a DataLoader does."
    ),
    "optimiser": N_(
        "Adam's epsilon is 1e-7 in Keras and 1e-8 in PyTorch; RMSprop's rate 0.001 and 0.01."
    ),
    "loss": N_("From logits in both: the sigmoid and the logarithm in one, without overflow."),
    "loop": N_("fit is this loop. It switches dropout on by itself; PyTorch needs model.train()."),
    "forward": N_("PyTorch records every operation by itself: no tape has to be opened."),
    "gradient": N_("The gradients, which PyTorch adds to what is there: so they are zeroed first."),
    "update": N_("The update of the weights by their gradients."),
}


def compare_training(epochs: int) -> Comparison:
    """The lines that train the model."""
    return Comparison(
        Program(_keras(epochs)),
        Program(pytorch_training_lines(epochs)),
        Program(_book(epochs)),
        {job: Message(text) for job, text in JOBS.items()},
        (
            Replacement(
                "tf.data.Dataset.from_tensor_slices",
                Message(N_("the arrays themselves in fit; torch.utils.data.DataLoader")),
            ),
            Replacement("fit_generator", Message(N_("fit, which takes generators as well"))),
            Replacement(
                "tf.GradientTape",
                Message(
                    N_("loss.backward() where Keras runs on PyTorch; the tape is TensorFlow's own")
                ),
            ),
            Replacement(
                "model.variables",
                Message(N_("model.trainable_variables: frozen vectors have no gradient")),
            ),
        ),
    )


def _keras(epochs: int) -> tuple[Line, ...]:
    return lines(
        ("model.compile(", "loop"),
        (f"    optimizer=keras.optimizers.Adam({RATE:g}),", "optimiser"),
        ("    loss=keras.losses.BinaryCrossentropy(", "loss"),
        ("        from_logits=True))", "loss"),
        ("model.fit(", "loop"),
        ("    x, y,", "batches"),
        (f"    batch_size={BATCH},", "batches"),
        (f"    epochs={epochs})", "loop"),
    )


def pytorch_training_lines(epochs: int) -> tuple[Line, ...]:
    """The loop of PyTorch."""
    return lines(
        "from torch.utils.data import DataLoader, TensorDataset",
        "",
        ("loader = DataLoader(", "batches"),
        (f"    TensorDataset(x, y), batch_size={BATCH}, shuffle=True)", "batches"),
        ("optimiser = torch.optim.Adam(", "optimiser"),
        (f"    model.parameters(), lr={RATE:g}, eps={EPSILON:g})", "optimiser"),
        ("loss_fn = nn.BCEWithLogitsLoss()", "loss"),
        "",
        ("model.train()", "loop"),
        (f"for epoch in range({epochs}):", "loop"),
        ("    for x_mb, y_mb in loader:", "batches"),
        ("        loss = loss_fn(model(x_mb), y_mb)", "forward"),
        ("        optimiser.zero_grad()", "gradient"),
        ("        loss.backward()", "gradient"),
        ("        optimiser.step()", "update"),
    )


def _book(epochs: int) -> tuple[Line, ...]:
    return lines(
        (
            "data = tf.data.Dataset.from_tensor_slices((x, y))",
            "batches",
            "tf.data.Dataset.from_tensor_slices",
        ),
        ("data = data.shuffle(4).batch(2)", "batches", "data.shuffle(4).batch(2)"),
        ("opt = tf.keras.optimizers.Adam(0.01)", "optimiser", "tf."),
        "",
        (f"for epoch in range({epochs}):", "loop"),
        ("    for x_mb, y_mb in data:", "batches"),
        ("        with tf.GradientTape() as tape:", "forward", "with tf.GradientTape() as tape:"),
        ("            loss = loss_fn(model, x_mb, y_mb)", "forward"),
        ("        grads = tape.gradient(", "gradient", "tape.gradient("),
        ("            loss, model.variables)", "gradient", "model.variables"),
        ("        opt.apply_gradients(", "update", "opt.apply_gradients("),
        ("            zip(grads, model.variables))", "update", "zip(grads, model.variables)"),
        "",
        "# or, with a generator of batches:",
        ("model.fit_generator(", "loop", "_generator"),
        (f"    batches, steps_per_epoch=2, epochs={epochs})", "loop"),
    )
