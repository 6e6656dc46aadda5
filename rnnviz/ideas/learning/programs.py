"""The programs of the listings, to be filled with the settings of the page."""

from rnnviz.ideas.learning.flow import Activation

HELLO = """import numpy as np
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

STEP = """optimizer = torch.optim.SGD(w.values(), lr={rate})
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

DESCENT = """warm = torch.optim.SGD(w.values(), lr={warm_rate})
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

FLOW = """import numpy as np
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

ACTIVATIONS: dict[Activation, str] = {
    "identity": "a * 1",
    "sigmoid": "torch.sigmoid(a)",
    "tanh": "torch.tanh(a)",
    "relu": "torch.relu(a)",
}

MEMORY = """import torch
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

XOR = """import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

questions = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.double)
answers, solved = torch.tensor([0, 1, 1, 0], dtype=torch.double), 0
for seed in range({starts}):
    start = np.random.default_rng(seed)
    shapes = ({units}, 2), (1, {units}), ({units}, 1)
    w1, b1, w2 = (torch.tensor(start.standard_normal(shape)) for shape in shapes)
    weights = [w1, b1, w2, b2 := torch.zeros(1, dtype=torch.double)]
    optimizer = torch.optim.Adam([w.requires_grad_() for w in weights], lr={rate})
    for step in range({steps} + 1):
        a = questions @ w1.T + b1
        logits = ({activation} @ w2)[:, 0] + b2
        if step < {steps}:
            optimizer.zero_grad()
            binary_cross_entropy_with_logits(logits, answers).backward()
            optimizer.step()
    solved += int(((torch.sigmoid(logits) - answers).abs() <= 0.1).all())
print(solved, "of {starts} starts solve XOR")
"""

ANGLE = """import numpy as np
import torch
from torch.nn.functional import cosine_similarity

H, inputs, longest, T = {units}, {inputs}, {longest}, {length}


def gradient(cut):
    weights = [w.clone().requires_grad_() for w in (w_xh, w_hh, torch.zeros(H).double())]
    h, loss = torch.zeros(H).double(), 0
    for t in range(T):
        if t % cut == 0:
            h = h.detach()  # the scissors
        h = torch.tanh(weights[0] @ x[t] + weights[1] @ h + weights[2])
        loss = {loss}
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, weights)])


angles = []
for seed in range({networks}):
    draw = np.random.default_rng(seed)
    w_hh = draw.standard_normal((H, H))
    w_hh *= {radius} / np.abs(np.linalg.eigvals(w_hh)).max()
    w_xh = draw.standard_normal((H, inputs)) * (0.3 / np.sqrt(inputs))
    x = draw.standard_normal((longest, inputs))[-T:]
    v = draw.standard_normal((longest, H))[-T:] / np.sqrt(H)
    w_xh, w_hh, x, v = map(torch.tensor, (w_xh, w_hh, x, v))
    cosine = cosine_similarity(gradient({cut}), gradient(T), dim=0)
    angles.append(torch.rad2deg(torch.arccos(cosine.clamp(-1, 1))).item())
print(f"{{np.median(angles):.1f}} degrees")
"""
