"""Programs that print the page's own numbers with PyTorch's autograd, optimisers and modules."""

from rnnviz.ideas.learning import flow as flows
from rnnviz.ideas.learning import hello, rates
from rnnviz.ideas.learning.flow import Activation
from rnnviz.ideas.learning.hello import LossAt, Optimiser
from rnnviz.ideas.learning.results import (
    BATCH,
    EPOCHS,
    EVERY,
    HIDDEN,
    INPUTS,
    LENGTHS,
    NAMES_IN_BATCH,
    Cost,
    Curves,
)
from rnnviz.ideas.listing import Listing

_HELLO = """import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot

start = np.random.default_rng({seed})
shapes = {{"W_xh": (2, 4), "W_hh": (2, 2), "b_h": (2,), "W_hy": (4, 2), "b_y": (4,)}}
w = {{
    name: torch.tensor(start.uniform(-1, 1, shape) / 2**0.5, requires_grad=True)
    for name, shape in shapes.items()
}}
x = one_hot(torch.tensor([0, 1, 2, 2]), 4).double()  # h, e, l, l
y = torch.tensor([1, 2, 2, 3])  # e, l, l, o


def text_loss():
    h, losses = torch.zeros(2, dtype=torch.double), []
    for t in range(4):
        h = torch.tanh(w["W_xh"] @ x[t] + w["W_hh"] @ h + w["b_h"])
        losses.append(cross_entropy(w["W_hy"] @ h + w["b_y"], y[t]))
    return {loss}


"""

_STEP = """optimizer = torch.optim.SGD(w.values(), lr={rate})
for step in range({steps}):
    optimizer.zero_grad()
    loss = text_loss()
    loss.backward()
    before = w["{name}"][{place}].item()
    optimizer.step()

print(f"loss     {{loss.item():z.4f}}")
print(f"weight   {{before:z.4f}}")
print(f"gradient {{w['{name}'].grad[{place}].item():z.4f}}")
print(f"updated  {{w['{name}'][{place}].item():z.4f}}")
print(f"new loss {{text_loss().item():z.4f}}")
"""

_DESCENT = """warm = torch.optim.SGD(w.values(), lr={warm_rate})
for step in range({warm_steps}):
    warm.zero_grad()
    text_loss().backward()
    warm.step()

pair = [("{first}", ({first_place})), ("{second}", ({second_place}))]
held = {{name: weight.detach().clone() for name, weight in w.items()}}
two = torch.tensor([held[name][place] for name, place in pair], requires_grad=True)
optimizer = torch.optim.{optimiser}([two], lr={rate})
for update in range({updates} + 1):
    w = {{name: weight.clone() for name, weight in held.items()}}
    for value, (name, place) in zip(two, pair):
        w[name][place] = value
    optimizer.zero_grad()
    loss = text_loss()
    if update in (0, 1, {updates}):
        print(f"after {{update:2}} updates: loss {{loss.item():.3f}}")
    loss.backward()
    optimizer.step()
"""

_FLOW = """import numpy as np
import torch

H, inputs, longest, depth, norms, values = {units}, {inputs}, {longest}, {depth}, [], []
for seed in range({networks}):
    draw = np.random.default_rng(seed)
    U = draw.uniform(-1, 1, (H, inputs)) / H**0.5
    x = draw.standard_normal((longest, inputs)) @ U.T
    v = draw.standard_normal(H)
    W = draw.uniform(-1, 1, ({matrices}, H, H)) / H**0.5
{scale}    W, x, v = map(torch.tensor, (W, x, v / np.linalg.norm(v)))
    states = [torch.zeros(H, dtype=torch.double, requires_grad=True)]
    for t in range(depth):
        a = W[{index}] @ states[-1]{input}
        states.append({activation})
        states[-1].retain_grad()
    (v @ states[-1]).backward()
    norms.append(states[1].grad.norm().item())
    values.append(states[-1].norm().item())

print(f"forward, |h| of the last: {{np.median(values):.2e}}")
print(f"backward, what is left:   {{np.median(norms):.2e}}")
"""

_ACTIVATIONS = {
    "identity": "a * 1",
    "sigmoid": "torch.sigmoid(a)",
    "tanh": "torch.tanh(a)",
    "relu": "torch.relu(a)",
}

_MEMORY = """import torch
from torch import nn

torch.manual_seed(0)
cell = nn.RNNCell({inputs}, {hidden})

for T in {lengths}:
    x, h, saved = torch.randn(T, {batch}, {inputs}), torch.zeros({batch}, {hidden}), {{}}
    known = {{each.untyped_storage().data_ptr() for each in (x, *cell.parameters())}}

    def save(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(save, lambda tensor: tensor):
        loss = torch.zeros(())
        for inputs in x:
            h = cell(inputs, h)
            loss = loss + h.sum()
    print(T, "steps:", sum(saved.values()), "bytes")
    loss.backward()
"""

_OVERFITTING = """import torch
from torch import nn
from torch.nn.functional import cross_entropy

from rnnviz.ideas.learning.overfitting import Reader
from rnnviz.tasks import Surnames

task = Surnames()
train = task.select([k * task.size() // {size} for k in range({size})])
valid = task.select(range(0, task.size("validation"), {every}), "validation")
torch.manual_seed(0)
# Embedding, GRU, dropout, linear layer on the last state.
model = Reader(len(task.vocabulary), len(task.labels), {units}, {dropout})
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)


def measure(batch):
    model.eval()  # evaluation mode: no dropout
    with torch.no_grad():
        return cross_entropy(model(batch.inputs, batch.lengths), batch.targets).item()


for epoch in range({epochs} + 1):
    if epoch in [{shown}]:
        losses = f"training {{measure(train):.2f}}, validation {{measure(valid):.2f}}"
        print(f"epoch {{epoch:2}}: {{losses}}")
    model.train()
    for rows in torch.randperm({size}).split({batch}):
        optimizer.zero_grad()
        logits = model(train.inputs[rows], train.lengths[rows])
        cross_entropy(logits, train.targets[rows]).backward()
        optimizer.step()
"""


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
    program = _HELLO.format(seed=hello.SEED, loss=loss) + _STEP.format(
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
    program = _HELLO.format(seed=hello.SEED, loss="sum(losses)") + _DESCENT.format(
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
    program = _FLOW.format(
        units=flows.H,
        inputs=flows.INPUTS,
        longest=flows.MAX_DEPTH,
        depth=depth,
        networks=flows.S,
        matrices=flows.MAX_DEPTH if is_layers else 1,
        index="t" if is_layers else "0",
        input=" + x[0] * (t == 0)" if is_layers else " + x[t]",
        scale=scale,
        activation=_ACTIVATIONS[activation],
    )
    output = (
        f"forward, |h| of the last: {result.final_value:.2e}\n"
        f"backward, what is left:   {result.remaining:.2e}"
    )
    language = "PyTorch, feed-forward" if is_layers else "PyTorch, RNN"
    return Listing(language, program, output)


def memory(measured: Cost) -> Listing:
    """The bytes that autograd saves, counted with a hook."""
    program = _MEMORY.format(
        inputs=INPUTS, hidden=HIDDEN, batch=BATCH, lengths=", ".join(map(str, LENGTHS))
    )
    lines = [
        f"{length} steps: {count} bytes"
        for length, count in zip(LENGTHS, measured.memory, strict=True)
    ]
    return Listing("PyTorch", program, "\n".join(lines))


def overfitting(size: int, units: int, dropout: float, curves: Curves) -> Listing:
    """The training loop, and the loss in evaluation mode."""
    epochs = sorted({curves.best, EPOCHS})
    program = _OVERFITTING.format(
        size=size,
        units=units,
        dropout=dropout,
        every=EVERY,
        epochs=EPOCHS,
        shown=", ".join(map(str, epochs)),
        batch=NAMES_IN_BATCH,
    )
    lines = [
        f"epoch {epoch:2}: training {curves.training[epoch]:.2f},"
        f" validation {curves.validation[epoch]:.2f}"
        for epoch in epochs
    ]
    return Listing("PyTorch", program, "\n".join(lines))
