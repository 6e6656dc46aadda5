"""The programs of the listings that train a model of surnames."""

OVERFITTING = """import torch
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

KERAS_OVERFITTING = """import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import torch
from keras import layers

from rnnviz.ideas.learning.overfitting import Reader
from rnnviz.tasks import Surnames

task = Surnames()
train = task.select([k * task.size() // {size} for k in range({size})])
valid = task.select(range(0, task.size("validation"), {every}), "validation")
x, y, new_x, new_y = (
    tensor.numpy() for tensor in (train.inputs, train.targets, valid.inputs, valid.targets)
)
torch.manual_seed(0)  # The page's first weights, and its order of the names.
start = Reader(len(task.vocabulary), len(task.labels), {units}, 0.0)
orders = [torch.randperm({size}).numpy() for epoch in range({epochs})]


def keras_gates(weight):  # PyTorch: reset, update, new; Keras: update, reset, new
    reset, update, new = np.split(weight, 3)
    return np.concatenate([update, reset, new])


names, w_ih, w_hh, b_ih, b_hh, w, b = (each.detach().numpy() for each in start.parameters())
model = keras.Sequential([
    keras.Input((None,), dtype="int32"),
    layers.Embedding(*names.shape, mask_zero=True),
    layers.GRU({units}),
    layers.Dense(len(task.labels)),
])
biases = np.stack([keras_gates(b_ih), keras_gates(b_hh)])
model.set_weights([names, keras_gates(w_ih).T, keras_gates(w_hh).T, biases, w.T, b])
model.compile(
    keras.optimizers.Adam(0.01, epsilon=1e-8),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
for epoch in range({epochs} + 1):
    if epoch in [{shown}]:
        training = model.evaluate(x, y, batch_size=len(x), verbose=0)
        validation = model.evaluate(new_x, new_y, batch_size=len(new_x), verbose=0)
        print(f"epoch {{epoch:2}}: training {{training:.2f}}, validation {{validation:.2f}}")
    if epoch < {epochs}:
        order = orders[epoch]
        model.fit(x[order], y[order], batch_size={batch}, shuffle=False, verbose=0)
"""

LEFT_ON = """import torch
from torch import nn
from torch.nn import functional as F

from rnnviz.tasks import Surnames

task = Surnames(ends="with")  # BEGIN, the characters, END
train = task.select([k * task.size() // {size} for k in range({size})])
valid = task.held_out_batch()


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(task.vocabulary), {units}, padding_idx=0)
        self.rnn = nn.RNN({units}, {units}, batch_first=True)
        self.fc1 = nn.Linear({units}, {units})
        self.fc2 = nn.Linear({units}, len(task.labels))

    def drop(self, y):
        return F.dropout(y, {p})  # training=True is its default

    def forward(self, names, lengths):
        y = self.rnn(self.emb(names))[0][torch.arange(len(names)), lengths - 1]
        return self.fc2(self.drop(F.relu(self.fc1(self.drop(y)))))


class Mended(Classifier):
    def drop(self, y):
        return F.dropout(y, {p}, training=self.training)


def measure(model):
    model.eval()
    with torch.no_grad():
        asked = [model(valid.inputs, valid.lengths).argmax(1) for _ in range({asked})]
    answers = torch.stack(asked)
    right = (answers == valid.targets).double().mean().item()
    return right, (answers[1:] != answers[:-1]).double().mean().item()


torch.manual_seed(0)
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr={rate})
for epoch in range({epochs}):
    for rows in torch.randperm({size}).split({batch}):
        optimizer.zero_grad()
        logits = model(train.inputs[rows], train.lengths[rows])
        F.cross_entropy(logits, train.targets[rows]).backward()
        optimizer.step()

right, changed = measure(model)
print(f"F.dropout(y, {p}): {{right:.1%}} right, {{changed:.1%}} change")
mended = Mended()
mended.load_state_dict(model.state_dict())
right, changed = measure(mended)
print(f"with training=self.training: {{right:.1%}} right, {{changed:.1%}} change")
"""
