"""What our trainer is measured against: a plain PyTorch loop, JAX with optax, Keras on JAX.

Each is written as in its own guides. B sequences, T time steps, I inputs, H hidden units, V
labels.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

from rnnviz.cells import CELLS, make_layer
from rnnviz.tasks import Task
from rnnviz.training import Experiment

TrainingLoop = Callable[[float], float]
"""Trains for about so many seconds and returns training steps per second."""

MIN_STEPS = 20
"""Steps in a turn, however slow: with fewer the count would be too coarse."""


@dataclass(frozen=True)
class Batches:
    """Batches drawn beforehand, at no cost to the peers: inputs (B,T,I) one-hot, targets (B,)."""

    inputs: tuple[torch.Tensor, ...]
    targets: tuple[torch.Tensor, ...]

    @classmethod
    def of(cls, task: Task, n: int, count: int = 16) -> "Batches":
        """`count` batches of `n` examples."""
        generator = torch.Generator().manual_seed(0)
        batches = [task.batch(n, generator) for _ in range(count)]
        vectors = (one_hot(batch.inputs, task.n_in).float() for batch in batches)
        return cls(tuple(vectors), tuple(batch.targets for batch in batches))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return itertools.cycle(zip(self.inputs, self.targets, strict=True))


def repeat(step: Callable[[], Any]) -> TrainingLoop:
    """A training loop that repeats `step`."""

    def loop(seconds: float) -> float:
        steps, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds or steps < MIN_STEPS:
            step()
            steps += 1
        return steps / (time.perf_counter() - start)

    return loop


class Classifier(nn.Module):
    """A recurrent layer and a linear head on its last output."""

    def __init__(self, experiment: Experiment, I: int) -> None:  # noqa: E741 - the field's name
        super().__init__()
        kind, hidden = CELLS[experiment.model.cell], experiment.model.hidden
        self.recurrent = make_layer(kind, I, hidden, batch_first=True)
        self.head = nn.Linear(experiment.model.hidden, experiment.task.n_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.recurrent(x)[0]
        logits: torch.Tensor = self.head(outputs[:, -1])
        return logits


def plain_loop(experiment: Experiment, batches: Batches, device: str = "cpu") -> TrainingLoop:
    """The loop of every PyTorch tutorial."""
    model = Classifier(experiment, batches.inputs[0].shape[-1]).to(device)
    adam = torch.optim.Adam(model.parameters(), lr=experiment.optimiser.lr)
    source = iter(batches)

    def step() -> None:
        x, targets = next(source)
        loss = cross_entropy(model(x.to(device)), targets.to(device))
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        loss.item()

    return repeat(step)


def jax_loop(experiment: Experiment, batches: Batches) -> TrainingLoop:
    """One jitted step: lax.scan over time, optax's clipping and Adam."""
    import jax
    import jax.numpy as jnp
    import optax

    I, H, V = batches.inputs[0].shape[-1], experiment.model.hidden, experiment.task.n_out  # noqa: E741
    G = {"rnn": 1, "gru": 3, "lstm": 4}[experiment.model.cell]
    keys = jax.random.split(jax.random.key(0), 4)
    bound = H**-0.5

    def uniform(key: Any, *shape: int) -> Any:
        return jax.random.uniform(key, shape, minval=-bound, maxval=bound)

    weights = {
        "x": uniform(keys[0], I, G * H),
        "h": uniform(keys[1], H, G * H),
        "b": uniform(keys[2], 2, G * H),
        "head": uniform(keys[3], H, V),
        "bias": jnp.zeros(V),
    }

    def rnn(w: Any, state: Any, a: Any) -> Any:
        h = jnp.tanh(a + state @ w["h"] + w["b"][1])
        return h, None

    def gru(w: Any, h: Any, a: Any) -> Any:
        r = h @ w["h"] + w["b"][1]
        reset = jax.nn.sigmoid(a[:, :H] + r[:, :H])
        update = jax.nn.sigmoid(a[:, H : 2 * H] + r[:, H : 2 * H])
        new = jnp.tanh(a[:, 2 * H :] + reset * r[:, 2 * H :])
        return (1 - update) * new + update * h, None

    def lstm(w: Any, state: Any, a: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(a + h @ w["h"] + w["b"][1], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    step_of_cell = {"rnn": rnn, "gru": gru, "lstm": lstm}[experiment.model.cell]

    def loss(w: Any, x: Any, targets: Any) -> Any:
        zero = jnp.zeros((x.shape[0], H))
        initial = (zero, zero) if experiment.model.cell == "lstm" else zero
        a = jnp.swapaxes(x @ w["x"] + w["b"][0], 0, 1)
        end, _ = jax.lax.scan(lambda state, each: step_of_cell(w, state, each), initial, a)
        h = end[0] if experiment.model.cell == "lstm" else end
        logits = h @ w["head"] + w["bias"]
        return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()

    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(experiment.optimiser.lr))

    @jax.jit  # type: ignore[untyped-decorator]
    def update(w: Any, moments: Any, x: Any, targets: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(w, x, targets)
        updates, moments = optimiser.update(gradients, moments, w)
        return optax.apply_updates(w, updates), moments, value

    pairs = zip(batches.inputs, batches.targets, strict=True)
    source = itertools.cycle([(jnp.asarray(x.numpy()), jnp.asarray(y.numpy())) for x, y in pairs])
    state = [weights, optimiser.init(weights)]

    def step() -> None:
        *state[:], value = update(*state, *next(source))
        float(value)

    step()  # compiles
    return repeat(step)


def keras_fit(experiment: Experiment, batches: Batches) -> TrainingLoop:
    """Keras 3's own fit, on JAX."""
    import keras

    layer = {"rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
    x = np.concatenate([each.numpy() for each in batches.inputs])
    y = np.concatenate([each.numpy() for each in batches.targets])
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            layer[experiment.model.cell](experiment.model.hidden),
            keras.layers.Dense(experiment.task.n_out),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(experiment.optimiser.lr, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    size, count = len(batches.targets[0]), len(batches.targets)
    fit = {"batch_size": size, "verbose": 0, "shuffle": False}
    model.fit(x, y, epochs=1, **fit)  # compiles

    def loop(seconds: float) -> float:
        # One fit of as many epochs as fill the time: the start of a fit is not to be measured.
        start = time.perf_counter()
        model.fit(x, y, epochs=1, **fit)
        epochs = max(1, round(seconds / (time.perf_counter() - start)))
        start = time.perf_counter()
        model.fit(x, y, epochs=epochs, **fit)
        return epochs * count / (time.perf_counter() - start)

    return loop
