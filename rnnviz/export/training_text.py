"""The training of an experiment as the text of one plain loop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnviz.export.live_changes import parse_changes
from rnnviz.tasks import DECODED
from rnnviz.training import Experiment, Schedule
from rnnviz.training.flat_adam import CLIP_EPSILON
from rnnviz.training.schedule import ROWS


@dataclass(frozen=True)
class Course:
    """What is known of how a run went: the `steps` it did, and what was changed on its way.

    `changes`: of each setting that the loop reads its new values, by the first step with them.
    """

    steps: int
    changes: Mapping[str, Mapping[int, float | None]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, experiment: Experiment, history: Mapping[str, Sequence[Any]] | None, changes: object
    ) -> "Course":
        """The course of a run of `experiment`; without rows in `history` (columns), all steps.

        `changes`: a list of steps and settings, as a run's facts have it, or None.

        Raises:
            Problem: changes that no run can have had.
        """
        steps = history["step"] if history is not None else ()
        last = steps[-1] if steps else experiment.optimiser.steps
        read = ("lr", "clip", "forcing") if experiment.task.kind in DECODED else ("lr", "clip")
        found: dict[str, dict[int, float | None]] = {}
        for step, values in parse_changes(experiment, changes):
            for name in read if step <= last else ():
                if name in values:
                    found.setdefault(name, {})[step] = values[name]
        return cls(last, found)


def constants(experiment: Experiment, course: Course) -> list[str]:
    """The settings that the loop reads, a line for each."""
    optimiser, task, changes = experiment.optimiser, experiment.task, course.changes
    cadence = Schedule.of(experiment, len(task.tested()), 1)
    asked = "" if course.steps == optimiser.steps else f"  # of {optimiser.steps}"
    lines = [
        f"SEED = {experiment.seed}",
        f"STEPS = {course.steps}{asked}",
        f"BATCH = {optimiser.batch}",
        f"LR = {optimiser.lr!r}  # Adam's learning rate",
    ]
    if optimiser.clip is not None or "clip" in changes:
        lines.append(f"CLIP = {optimiser.clip!r}  # longer gradients are shortened to this norm")
    if task.kind in DECODED:
        lines.append(f"FORCING = {optimiser.forcing!r}  # how often the right symbol is read")
    for name, values in changes.items():
        lines.append(f"{name.upper()}_FROM = {{  # what it is from these steps on")
        lines += [f"    {step}: {value!r}," for step, value in values.items()]
        lines.append("}")
    return [
        *lines,
        f"ROW_EVERY, TEST_EVERY = {cadence.row_interval}, {cadence.validation_interval}  # steps",
        f'DEVICE = "{experiment.device}"',
    ]


COUNTED = ("step % ROW_EVERY == 0", "step % TEST_EVERY == 0")
"""Where the steps are known: what writes a row, and what tests the model before the end."""

TIMED = ("is_row(step)", "is_test(step)")
"""The same where the clock ended the run, by functions that say it as `Cadence` does."""

RULES = f"""
    def apart(first, step):
        # The distance of rows that were `first` apart: it doubles when they have become many.
        return first << max(0, (step // ({ROWS} * first)).bit_length() - 1)

    def is_test(step):
        early = step < TEST_EVERY and step % (1 << max(0, step.bit_length() - 2)) == 0
        return early or step % TEST_EVERY == 0

    def is_row(step):
        tested = is_test(step) and (step < TEST_EVERY or step % apart(TEST_EVERY, step) == 0)
        return tested or step % apart(ROW_EVERY, step) == 0
"""


def loop(experiment: Experiment, course: Course, plain: bool) -> list[str]:
    """The function `train`; `plain`: the model is the script's own."""
    optimiser, cuda = experiment.optimiser, experiment.device == "cuda"
    streams = experiment.task.streams
    chances = not plain or bool(experiment.model.dropout)
    is_row, is_test = COUNTED if optimiser.seconds is None else TIMED
    predicted = "model(validation.inputs, validation.lengths)[0]"
    lines = [
        "def train(task, model):",
        '    """Train the model and print its course, with columns as in an exported history."""',
        "    model.to(DEVICE)",
        "    validation = task.tested().to(DEVICE)",
        *([] if streams else [_generator("batches", "draws the examples")]),
        *([_generator("chances", "draws what is left to chance in a step")] if chances else []),
        *_weights(cuda),
        "",
        "    def tested():",
        "        model.eval()",
        "        with torch.no_grad():",
        f"            output = {predicted if plain else 'model.predict(validation)'}",
        "        return task.metric(output, validation)",
        *(RULES.splitlines() if optimiser.seconds is not None else ()),
        "",
        '    print("step,loss,train_metric,validation_metric,norm")',
        '    print(f"0,,,{tested()},")',
        *(["    state = None"] if streams else ["    order = []"] if _finite(experiment) else []),
        *(f"    {name} = {name.upper()}" for name in course.changes),
        "    since = []",
        "    for step in range(1, STEPS + 1):",
        *(f"        {name} = {name.upper()}_FROM.get(step, {name})" for name in course.changes),
        *_batch(experiment),
        "        model.train()",
        *_answer(experiment, plain, "forcing" if "forcing" in course.changes else "FORCING"),
        "        loss = task.loss(output, batch)",
        f"        adam.zero_grad(set_to_none={cuda})",
        "        loss.backward()",
        "        gradients = [weight.grad for weight in weights if weight.grad is not None]",
        "        norm = nn.utils.get_total_norm(gradients).item()",
    ]
    if "clip" in course.changes:
        lines += _clipping("clip", "clip is not None and ")
    elif optimiser.clip is not None:
        lines += _clipping("CLIP")
    if "lr" in course.changes:
        lines.append('        adam.param_groups[0]["lr"] = lr')
    return [
        *lines,
        "        adam.step()",
        "        metric = task.metric(output.detach(), batch)",
        "        since.append((loss.item(), metric, norm))",
        f"        if {is_row} or step == STEPS:",
        "            # Means over the steps since the last row.",
        "            loss, metric, norm = (sum(each) / len(since) for each in zip(*since))",
        "            since = []",
        f'            test = tested() if {is_test} or step == STEPS else ""',
        '            print(f"{step},{loss},{metric},{test},{norm}", flush=True)',
    ]


def _clipping(limit: str, condition: str = "") -> list[str]:
    # Rounded as `Descent.clip` rounds: clip_grads_with_norm_ divides in single precision.
    return [
        f"        if {condition}norm + {CLIP_EPSILON!r} > {limit}:",
        "            for gradient in gradients:",
        f"                gradient.mul_({limit} / (norm + {CLIP_EPSILON!r}))",
    ]


def _generator(name: str, told: str) -> str:
    return f"    {name} = torch.Generator().manual_seed(SEED)  # {told}"


def _finite(experiment: Experiment) -> bool:
    return not experiment.task.streams and experiment.task.size() is not None


def _weights(cuda: bool) -> list[str]:
    listed = "weights = [weight for weight in model.parameters() if weight.requires_grad]"
    if cuda:
        return [f"    {listed}", "    adam = torch.optim.Adam(weights, lr=LR, fused=True)"]
    return [
        "    weights = [flattened(model)]",
        "    adam = torch.optim.Adam(weights, lr=LR, fused=True)",
    ]


FLATTENED = '''
def flattened(model):
    """One long vector of which all trainable weights, and their gradients, are views from now on.

    Adam then has one tensor to move instead of many small ones; the numbers are the same.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    whole = nn.Parameter(torch.cat([weight.detach().flatten() for weight in weights]))
    whole.grad = torch.zeros_like(whole)
    start = 0
    for weight in weights:
        place = slice(start, start + weight.numel())
        weight.data = whole.data[place].view(weight.shape)
        weight.grad = whole.grad[place].view(weight.shape)
        start = place.stop
    return whole
'''


def _batch(experiment: Experiment) -> list[str]:
    if experiment.task.streams:
        return [
            "        # The text runs on from batch to batch; at its end it begins anew.",
            "        batch, anew = task.chunk(BATCH, step - 1)",
            "        batch = batch.to(DEVICE)",
        ]
    if _finite(experiment):
        return [
            "        if not order:  # a new epoch: all examples in a new order",
            "            order = torch.randperm(task.size(), generator=batches).tolist()",
            "        taken, order = order[:BATCH], order[BATCH:]",
            "        batch = task.take(taken).to(DEVICE)",
        ]
    return ["        batch = task.batch(BATCH, batches).to(DEVICE)"]


def _answer(experiment: Experiment, plain: bool, forced: str) -> list[str]:
    drawn = ", chances" if not plain or experiment.model.dropout else ""
    if experiment.task.streams and experiment.model.family == "recurrent":
        one = plain and experiment.model.cell != "lstm"  # torch.nn hands out one state by itself
        cut = "state.detach()" if one else "tuple(each.detach() for each in state)"
        walk = "model" if plain else "model.walk"
        return [
            "        # The state goes on, its gradient does not (truncated backpropagation).",
            f"        state = None if anew else {cut}",
            f"        output, state = {walk}(batch.inputs, batch.lengths, state{drawn})",
        ]
    if plain:
        state = ", None" if drawn else ""
        return [f"        output, _ = model(batch.inputs, batch.lengths{state}{drawn})"]
    forcing = forced if experiment.task.kind in DECODED else "1.0"
    return [f"        output = model.answers(batch, chances, {forcing})"]
