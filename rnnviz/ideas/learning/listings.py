"""Programs that print the page's own numbers with PyTorch's autograd, optimisers and modules."""

from statistics import fmean

from rnnviz.ideas.learning import flow as flows
from rnnviz.ideas.learning import hello, programs, rates, surname_programs, truncation
from rnnviz.ideas.learning.flow import Activation
from rnnviz.ideas.learning.hello import LossAt, Optimiser
from rnnviz.ideas.learning.results import (
    ASKED,
    BATCH,
    EPOCHS,
    EVERY,
    HIDDEN,
    INPUTS,
    LEFT_ON_EPOCHS,
    LEFT_ON_NAMES,
    LEFT_ON_RATE,
    LENGTHS,
    NAMES_IN_BATCH,
    UNITS,
    Cost,
    Curves,
    LeftOn,
)
from rnnviz.ideas.learning.xor import RATE, STEPS, S, U
from rnnviz.ideas.listing import Listing


def training_step(rate: float, steps: int, loss_at: LossAt, code: str) -> Listing:
    """The training step after `steps` others, with autograd and torch.optim.SGD."""
    step = hello.training_step(rate, steps, loss_at)
    name, place = hello.parse_parameter(code)
    numbers = {
        "loss": step.loss,
        "weight": step.before[name][place],
        "gradient": step.gradient.weights[name][place],
        "updated": step.after[name][place],
        "new loss": step.new_loss,
    }
    loss = "sum(losses)" if loss_at == "every" else "losses[-1]"
    program = programs.HELLO.format(seed=hello.SEED, loss=loss) + programs.STEP.format(
        rate=rate, steps=steps + 1, name=name, place=", ".join(map(str, place))
    )
    lines = [f"{label:8} {value:z.4f}" for label, value in numbers.items()]
    return Listing("PyTorch", program, "\n".join(lines))


def descent(pair: str, rate: float, optimiser: Optimiser) -> Listing:
    """The path of two weights, with torch.optim."""
    result = rates.descent(pair, rate, optimiser)
    codes = [hello.parse_parameter(code) for code in rates.PAIRS[pair]]
    (first, first_place), (second, second_place) = (
        (name, ", ".join(map(str, place))) for name, place in codes
    )
    program = programs.HELLO.format(seed=hello.SEED, loss="sum(losses)") + programs.DESCENT.format(
        warm_rate=rates.WARM_RATE,
        warm_steps=rates.WARM_STEPS,
        first=first,
        first_place=first_place,
        second=second,
        second_place=second_place,
        optimiser={"sgd": "SGD", "adam": "Adam"}[optimiser],
        rate=rate,
        updates=rates.UPDATES,
    )
    lines = [
        f"after {update:2} updates: loss {result.losses[update]:.3f}"
        for update in (0, 1, rates.UPDATES)
    ]
    return Listing("PyTorch", program, "\n".join(lines))


def flow(kind: flows.Kind, activation: Activation, depth: int, radius: float | None) -> Listing:
    """Values and gradients of the random networks, with autograd."""
    result = flows.flow(kind, activation, depth, radius)
    is_layers = kind == "layers"
    scale = ""
    if radius is not None:
        own = "3**-0.5" if is_layers else "np.abs(np.linalg.eigvals(W[0])).max()"
        scale = f"    W *= {radius} / {own}\n"
    program = programs.FLOW.format(
        units=flows.H,
        inputs=flows.INPUTS,
        longest=flows.MAX_DEPTH,
        depth=depth,
        networks=flows.S,
        matrices=flows.MAX_DEPTH if is_layers else 1,
        index="t" if is_layers else "0",
        input=" + x[0] * (t == 0)" if is_layers else " + x[t]",
        scale=scale,
        activation=programs.ACTIVATIONS[activation],
    )
    output = (
        f"forward, |h| of the last: {result.final_value:.2e}\n"
        f"backward, what is left:   {result.remaining:.2e}"
    )
    language = "PyTorch, feed-forward" if is_layers else "PyTorch, RNN"
    return Listing(language, program, output)


def xor(activation: Activation, solved: int) -> Listing:
    """XOR from all starts, with torch.optim.Adam."""
    program = programs.XOR.format(
        starts=S, units=U, rate=RATE, steps=STEPS, activation=programs.ACTIVATIONS[activation]
    ).replace("(a * 1 @", "(a @")
    return Listing("PyTorch", program, f"{solved} of {S} starts solve XOR")


def angle(length: int, cut: int, loss_at: LossAt, degrees: float) -> Listing:
    """The angle to the full gradient, with the state detached at every cut."""
    every = "loss + v[t] @ h"
    program = programs.ANGLE.format(
        units=truncation.H,
        inputs=truncation.INPUTS,
        longest=truncation.MAX_LENGTH,
        radius=truncation.RADIUS,
        networks=truncation.S,
        length=length,
        cut=min(cut, length),
        loss=every if loss_at == "every" else "v[t] @ h",
    )
    return Listing("PyTorch", program, f"{degrees:.1f} degrees")


def memory(measured: Cost) -> Listing:
    """The bytes that autograd saves, counted with a hook."""
    program = programs.MEMORY.format(
        inputs=INPUTS, hidden=HIDDEN, batch=BATCH, lengths=", ".join(map(str, LENGTHS))
    )
    lines = [
        f"{length} steps: {count} bytes"
        for length, count in zip(LENGTHS, measured.memory, strict=True)
    ]
    return Listing("PyTorch", program, "\n".join(lines))


def overfitting(size: int, units: int, dropout: float, curves: Curves) -> tuple[Listing, ...]:
    """The training loop, and the loss in evaluation mode.

    Without dropout also in Keras, from the same weights; what is dropped, it would draw otherwise.
    """
    epochs = sorted({curves.best, EPOCHS})
    values = {
        "size": size,
        "units": units,
        "dropout": dropout,
        "every": EVERY,
        "epochs": EPOCHS,
        "shown": ", ".join(map(str, epochs)),
        "batch": NAMES_IN_BATCH,
    }
    output = "\n".join(
        f"epoch {epoch:2}: training {curves.training[epoch]:.2f},"
        f" validation {curves.validation[epoch]:.2f}"
        for epoch in epochs
    )
    codes = {"PyTorch": surname_programs.OVERFITTING}
    if not dropout:
        codes["Keras"] = surname_programs.KERAS_OVERFITTING
    return tuple(Listing(name, code.format(**values), output) for name, code in codes.items())


def left_on(p: float, result: LeftOn) -> Listing:
    """The whole model with dropout as the book writes it, and mended, asked repeatedly."""
    program = surname_programs.LEFT_ON.format(
        size=LEFT_ON_NAMES,
        units=UNITS,
        p=p,
        asked=ASKED,
        rate=LEFT_ON_RATE,
        epochs=LEFT_ON_EPOCHS,
        batch=NAMES_IN_BATCH,
    )
    output = (
        f"F.dropout(y, {p}): {result.accuracy_on:.1%} right, {result.changed:.1%} change\n"
        f"with training=self.training: {result.accuracy_off:.1%} right, "
        f"{fmean(result.off_changed):.1%} change"
    )
    return Listing("PyTorch", program, output)
