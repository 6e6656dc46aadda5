"""The programs with which a visitor checks the numbers of the page."""

from rnnviz.ideas.forecasting import networks
from rnnviz.ideas.forecasting.networks import RIDGE, Forecasts, Simple
from rnnviz.ideas.forecasting.overfitting import BATCH, EPOCHS, RATE, UNITS, WINDOWS, Curves
from rnnviz.ideas.forecasting.settings import BATCH as WINDOWS_IN_BATCH
from rnnviz.ideas.forecasting.settings import RATE as GRU_RATE
from rnnviz.ideas.forecasting.settings import UNITS as GRU_UNITS
from rnnviz.ideas.forecasting.settings import Order, WindowSettings, training_steps
from rnnviz.ideas.forecasting.window import View
from rnnviz.ideas.listing import Listing
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE


def window_listings(view: View) -> tuple[Listing, ...]:
    """The parts and their windows, in PyTorch; the book's generator in Keras of today."""
    s, rows = view.settings, sum(view.counts.values()) + view.lost + view.settings.span
    rows += s.delay
    counts = "\n".join(f"{split}: {count} windows" for split, count in view.counts.items())
    half = rows // 2
    return (
        Listing(
            "PyTorch",
            f"""import numpy as np
import torch
from rnnviz.data import mast

lookback, step, delay = {s.lookback}, {s.step}, {s.delay}
data = mast()
values = torch.tensor(data.values[:, 0])  # the temperature, every ten minutes
N, span = len(values), (lookback - 1) // step * step
bounds = {{"train": (0, N // 2), "validation": (N // 2, N // 2 + N // 4)}}
bounds["test"] = (N // 2 + N // 4, N)
steps = np.diff(data.times).astype(int)
gaps = np.flatnonzero(abs(steps - 600) > 300) + 1  # rows behind a gap

for split, (low, high) in bounds.items():
    last = np.arange(low + span, high - delay)  # the last row that is read
    for gap in gaps:
        last = last[(last + delay < gap) | (last - span >= gap)]
    windows = values.unfold(0, span + 1, 1)[last - span, ::step]  # (B, T)
    targets = values[last + delay]
    print(f"{{split}}: {{len(windows)}} windows")
print("one window:", tuple(windows[0].shape))
""",
            f"{counts}\none window: ({s.steps},)",
        ),
        Listing(
            "Keras",
            f"""import keras
import numpy as np
from rnnviz.data import mast


class Windows(keras.utils.PyDataset):
    \"\"\"The book's generator function, as Keras 3 has it.\"\"\"

    def __init__(self, data, lookback, delay, min_index, max_index, step, batch_size=128):
        super().__init__()
        self.data, self.delay = data, delay
        self.before = np.arange(-lookback, 0, step)
        self.rows = np.arange(min_index + lookback, max_index)
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, number):
        rows = self.rows[number * self.batch_size:][:self.batch_size]
        return self.data[rows[:, None] + self.before], self.data[rows + self.delay, 0]


values = mast().values[:, :1]
half = len(values) // 2
values = (values - values[:half].mean(0)) / values[:half].std(0)
train = Windows(values, {s.lookback}, {s.delay}, 0, half, step={s.step})
samples, targets = train[0]
print("samples", samples.shape, "targets", targets.shape)
print("targets behind max_index:", (train.rows + train.delay >= half).sum())
""",
            f"samples (128, {s.steps}, 1) targets (128,)\n"
            f"targets behind max_index: {min(s.delay, half - s.lookback)}",
        ),
    )


def baseline_listings(
    settings: WindowSettings, simple: Simple, gru: Forecasts
) -> tuple[Listing, ...]:
    """Persistence with pandas and the regression with scikit-learn; the GRU in PyTorch."""
    task = (
        "task = Forecast("
        f"lookback={settings.lookback}, step={settings.step}, delay={settings.delay})"
    )
    return (
        Listing(
            "PyTorch",
            _gru_program(settings, "kept", False),
            f"GRU: {gru.error:.2f} °C after {gru.steps} steps",
        ),
        Listing(
            "scikit-learn",
            f"""import numpy as np
from rnnviz.tasks.forecast import Forecast
from sklearn.linear_model import Ridge

{task}
train = task.select(range(0, task.size(), {networks.EVERY}))
valid = task.evaluation_batch("validation")
X, x = (batch.inputs[..., 0].double().numpy() for batch in (train, valid))
Y, y = (batch.targets[:, 0].double().numpy() for batch in (train, valid))
deviation = {simple.scales[0][1]!r}  # of the training rows in °C; the inputs are scaled by it

answers = {{"persistence": x[:, -1], "ridge": Ridge({networks.PENALTY}).fit(X, Y).predict(x)}}
for name, answer in answers.items():
    print(f"{{name}}: {{np.abs(answer - y).mean() * deviation:.2f}} °C")
""",
            f"persistence: {simple.methods[PERSISTENCE].error:.2f} °C\n"
            f"ridge: {simple.methods[RIDGE].error:.2f} °C",
        ),
    )


def order_listing(
    settings: WindowSettings, order: Order, leaky: bool, result: Forecasts
) -> Listing:
    """The GRU on windows in another order, or scaled by all rows."""
    output = f"GRU: {result.error:.2f} °C after {result.steps} steps"
    return Listing("PyTorch", _gru_program(settings, order, leaky), output)


def _gru_program(settings: WindowSettings, order: Order, leaky: bool) -> str:
    """The loop of `networks.train`, written out."""
    arranged = {
        "kept": "x",
        "reversed": "x.flip(1)",
        "shuffled": "x.gather(1, torch.rand(x.shape[:2], generator=g).argsort(1)[..., None])",
    }[order]
    scale = (
        "all_rows = task.windowed.column.scaled.double()  # with validation and test: a leak\n"
        "shift, factor = all_rows.mean().item(), all_rows.std(correction=0).item()"
        if leaky
        else "shift, factor = 0.0, 1.0  # the task scales by its training rows"
    )
    steps = training_steps("gru", settings.steps)
    return f"""import torch
from rnnviz.model import ModelSpec, build_for
from rnnviz.tasks.forecast import Forecast

task = Forecast(lookback={settings.lookback}, step={settings.step}, delay={settings.delay})
{scale}
g = torch.Generator().manual_seed(0)
model = build_for(task, ModelSpec("gru", hidden={GRU_UNITS}), g)  # nn.GRU and nn.Linear
optimizer = torch.optim.Adam(model.parameters(), lr={GRU_RATE})
schedule = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, max_lr={GRU_RATE}, total_steps={steps})


def answer(batch):
    x = (batch.inputs - shift) / factor
    return model({arranged}, batch.lengths)


for step in range({steps}):
    batch = task.select(torch.randint(task.size(), ({WINDOWS_IN_BATCH},), generator=g).tolist())
    loss = (answer(batch) - (batch.targets - shift) / factor).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()

valid = task.evaluation_batch("validation")
with torch.no_grad():
    print(f"GRU: {{task.metric(answer(valid) * factor + shift, valid):.2f}} °C after {steps} steps")
"""


def overfitting_listings(
    settings: WindowSettings, dropout: float, recurrent: float, layers: int, curves: Curves
) -> tuple[Listing, ...]:
    """Both curves in PyTorch; the same layers in Keras."""
    from rnnviz.ideas.forecasting.overfitting import overfitting_task

    task = overfitting_task(settings)
    inputs = len(task.features)
    keras_layers = [
        f"    layers.GRU({UNITS}, dropout={dropout if number else 0.0}, "
        f"recurrent_dropout={recurrent}, return_sequences={number < layers - 1}),"
        for number in range(layers)
    ]
    block = "\n".join(keras_layers)
    count = sum(3 * UNITS * ((UNITS if number else inputs) + UNITS + 2) for number in range(layers))
    return (
        Listing(
            "PyTorch",
            f"""import torch
from rnnviz.model import ModelSpec, build_for
from rnnviz.tasks.forecast import Forecast
from rnnviz.tasks.framework.examples import evenly_spaced

task = Forecast(lookback={task.lookback}, step={task.step}, delay={task.delay}, reads="all")
g = torch.Generator().manual_seed(0)
spec = ModelSpec("gru", hidden={UNITS}, layers={layers}, dropout={dropout},
                 state_dropout={recurrent})  # one mask on the state, as in Keras
model = build_for(task, spec, g)
optimizer = torch.optim.Adam(model.parameters(), lr={RATE})
train = task.select(evenly_spaced(task.size(), {WINDOWS}))
valid = task.evaluation_batch("validation")


@torch.no_grad()
def error(batch):
    model.eval()  # nothing is dropped
    return task.metric(model(batch.inputs, batch.lengths), batch)


for epoch in range({EPOCHS} + 1):
    if epoch in (0, {curves.best}, {EPOCHS}):
        print(f"epoch {{epoch}}: {{error(train):.2f}} and {{error(valid):.2f}} °C")
    model.train()
    for rows in torch.randperm({WINDOWS}, generator=g).split({BATCH}):
        answers = model(train.inputs[rows], train.lengths[rows], g)
        loss = (answers - train.targets[rows]).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
""",
            "\n".join(
                f"epoch {k}: {curves.training[k]:.2f} and {curves.validation[k]:.2f} °C"
                for k in sorted({0, curves.best, EPOCHS})
            ),
        ),
        Listing(
            "Keras",
            f"""import keras
from keras import layers

model = keras.Sequential([
    keras.Input(({task.steps}, {inputs})),
{block}
    layers.Dropout({dropout}),
    layers.Dense(1),
])
model.compile("adam", "mae")
print(sum(layer.count_params() for layer in model.layers[:-2]), "weights in GRUs")
print("answers", model.output_shape)
""",
            f"{count} weights in GRUs\nanswers (None, 1)",
        ),
    )
