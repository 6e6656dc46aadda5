"""The standalone script: whatever the task and the model, it repeats the trainer's numbers."""

import ast
import csv
import io
import json
import math
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from rnnviz.cells import CELLS
from rnnviz.data import UPLOADS
from rnnviz.export import script
from rnnviz.export.template import render
from rnnviz.messages import Problem
from rnnviz.model import Family, IOSpec, ModelSpec
from rnnviz.tasks import TASKS, DelayedRecall, Forecast, Hello, RunningText, Surnames, Task
from rnnviz.training import Experiment, Optimiser, Schedule, Trainer

Rows = list[dict[str, float | None]]

COLUMNS = ("step", "loss", "train_metric", "validation_metric", "norm")
SHORT = Optimiser(lr=0.02, clip=0.5, batch=4, steps=4)
PLAIN = ModelSpec("gru", hidden=6, embedding_size=5)
FEEDFORWARD: tuple[Family, ...] = ("dense", "convolution")
GLOVE: tuple[Literal["glove", "glove-tuned"], ...] = ("glove", "glove-tuned")

RUNNER = """
import contextlib, io, json, runpy, sys, traceback
for line in sys.stdin:
    output, notes, error = io.StringIO(), io.StringIO(), ""
    modules, path = set(sys.modules), [*sys.path]
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(notes):
            runpy.run_path(line.strip(), run_name="__main__")
    except BaseException:
        error = traceback.format_exc()
    print(json.dumps([output.getvalue(), notes.getvalue(), error]), flush=True)
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] == "rnnviz":
            del sys.modules[name]
"""
"""Runs the scripts whose paths it reads; torch, which takes seconds, is imported once for all."""


Changes = Mapping[int, dict[str, float | None]]


def trainer_rows(
    experiment: Experiment, changes: Changes | None = None, until: int = 10**9
) -> Rows:
    """The history of the trainer up to a step; `changes`: what is set before these steps."""
    trainer = Trainer(experiment)
    rows = [trainer.row()]
    while not trainer.done and trainer.step < until:
        trainer.set(**(changes or {}).get(trainer.step + 1, {}))
        trainer.advance()
        rows.append(trainer.row())
    return [row for row in rows if row is not None]


@dataclass(frozen=True)
class Interpreter:
    """A fresh interpreter that cannot import rnnviz, and a folder for the scripts that it runs."""

    process: "subprocess.Popen[str]"
    folder: Path

    def rows(self, text: str) -> Rows:
        """The history that a script prints."""
        return self.run(text)[0]

    def run(self, text: str) -> tuple[Rows, str]:
        """The history that a script prints, and what it prints beside it."""
        path = self.folder / "script.py"
        path.write_text(text, encoding="utf-8")
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(path, file=self.process.stdin, flush=True)
        printed, notes, error = json.loads(self.process.stdout.readline())
        assert not error, error
        return parse_csv(printed), notes


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interpreter]:
    """One interpreter for all scripts of this module."""
    folder = tmp_path_factory.mktemp("scripts")
    with subprocess.Popen(
        [sys.executable, "-I", "-c", RUNNER],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Interpreter(process, folder)


def parse_csv(printed: str) -> Rows:
    return [
        {name: float(text) if text else None for name, text in row.items()}
        for row in csv.DictReader(io.StringIO(printed))
    ]


def assert_like_the_trainer(experiments: Sequence[Experiment], interpreter: Interpreter) -> None:
    for experiment in experiments:
        history = interpreter.rows(script(experiment))
        rows = trainer_rows(experiment)
        assert column(history, "step") == column(rows, "step")
        for printed, row in zip(history, rows, strict=True):
            for name in COLUMNS:
                assert printed[name] == (
                    None if row[name] is None else pytest.approx(row[name], rel=1e-5, abs=1e-9)
                ), f"{experiment.to_json()}: {name} at step {row['step']}"


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell(cell: str, interpreter: Interpreter) -> None:
    one = ModelSpec(cell, hidden=6, embedding_size=5)
    two = replace(one, layers=2, forget_bias=1.0)
    experiments = [
        Experiment(DelayedRecall(), one, SHORT, seed=5),
        Experiment(Hello(), two, SHORT, seed=5),
    ]
    assert_like_the_trainer(experiments, interpreter)


def test_every_task(interpreter: Interpreter) -> None:
    tasks = [*(kind() for kind in TASKS.values()), Surnames(ends="with")]
    experiments = [Experiment(task, PLAIN, SHORT, seed=5) for task in tasks]
    assert_like_the_trainer(experiments, interpreter)


@pytest.mark.parametrize("task", [TASKS["intents"](), TASKS["wave"](), Hello(), DelayedRecall(1)])
def test_a_script_ends_with_the_score_on_the_test_examples(
    task: Task, interpreter: Interpreter
) -> None:
    experiment = Experiment(task, PLAIN, SHORT, seed=5)
    trainer = Trainer(experiment)
    while not trainer.done:
        trainer.advance()
    _history, notes = interpreter.run(script(experiment))
    test = trainer.result().test
    if test is None:
        assert not notes
    else:
        name, score = notes.strip().rsplit(": ", 1)
        assert name == f"{task.metric_name} on the test examples"
        assert float(score) == pytest.approx(test, rel=1e-5)


def models(task: Task) -> list[ModelSpec]:
    """Models of every kind that fit `task`, between them with every setting of a model."""
    io_spec = IOSpec.of(task)
    specs = [
        replace(PLAIN, cell="rnn", nonlinearity="relu", layers=2, spectral_radius=0.9),
        replace(PLAIN, cell="lstm", forget_bias=1.0, initialisation="orthogonal"),
        replace(PLAIN, initialisation="identity", deep_head=True, dropout=0.3),
        replace(PLAIN, cell="lstm", layers=2, dropout=0.2, recurrent_dropout=0.2),
        replace(PLAIN, cell="lstm", layers=2, initialisation="keras"),
        replace(PLAIN, cell="gru", layers=2, initialisation="keras", state_dropout=0.2),
    ]
    if not task.stateful:
        specs.append(replace(PLAIN, cell="rnn", bidirectional=True, embedding="one-hot"))
    if io_spec.single_answer:
        specs.append(replace(PLAIN, front=True, kernel=3, pool=2, dilation=2, pooling="average"))
        specs += [replace(PLAIN, family=family, layers=2) for family in FEEDFORWARD]
    if io_spec.is_decoded:
        specs.append(replace(PLAIN, cell="lstm", attention=True, bidirectional=True))
    if io_spec.tokens and task.unit == "word":
        specs += [replace(PLAIN, embedding=kind) for kind in GLOVE]
    return specs


def test_every_kind_of_model(interpreter: Interpreter) -> None:
    """Every model once, on a task of each kind in turn (a longer test has all pairs)."""
    kinds = {(kind.kind, kind.stateful): kind for kind in reversed(TASKS.values())}
    optimiser = replace(SHORT, forcing=0.5)
    fitting: dict[ModelSpec, list[Task]] = {}
    for task in (kind() for kind in kinds.values()):
        for spec in models(task):
            fitting.setdefault(spec, []).append(task)
    experiments = [
        Experiment(tasks[number % len(tasks)], spec, optimiser, seed=2)
        for number, (spec, tasks) in enumerate(fitting.items())
    ]
    assert_like_the_trainer(experiments, interpreter)


@pytest.mark.long
@pytest.mark.parametrize("name", TASKS)
def test_every_task_with_every_kind_of_model(name: str, interpreter: Interpreter) -> None:
    task = TASKS[name]()
    for optimiser in (SHORT, replace(SHORT, clip=None, forcing=0.0, steps=9)):
        experiments = [Experiment(task, spec, optimiser, seed=7) for spec in models(task)]
        assert_like_the_trainer(experiments, interpreter)


@pytest.mark.parametrize(
    ("steps", "seconds", "count"),
    [
        (300, None, 301),
        pytest.param(1200, None, 601, marks=pytest.mark.long),
        pytest.param(2100, 3600.0, 1527, marks=pytest.mark.long),
    ],
)
def test_a_longer_run_has_the_same_losses(
    interpreter: Interpreter, steps: int, seconds: float | None, count: int
) -> None:
    """Adam and the flat buffer leave no room for small differences to grow.

    Where the clock would end a run, its rows grow apart.
    """
    optimiser = Optimiser(lr=0.01, batch=8, steps=steps, seconds=seconds)
    experiment = Experiment(DelayedRecall(lag=3), replace(PLAIN, cell="lstm"), optimiser, seed=1)
    history = interpreter.rows(script(experiment))
    rows = trainer_rows(experiment)
    assert len(rows) == len(history) == count
    assert column(history, "loss")[1:] == pytest.approx(column(rows, "loss")[1:], rel=1e-5)
    assert column(history, "validation_metric") == column(rows, "validation_metric")


@pytest.mark.parametrize("batch", [1, 4, 64])
def test_against_the_clock_it_has_the_rows_of_a_run_however_many_they_become(batch: int) -> None:
    optimiser = Optimiser(batch=batch, steps=3_000_000, seconds=600.0)
    experiment = Experiment(DelayedRecall(), PLAIN, optimiser)
    schedule = Schedule.of(experiment, len(experiment.task.evaluation_batch()), 1)
    text = script(experiment)
    constants = re.findall(r"^(?:ROW_INTERVAL|VALIDATION_INTERVAL|ROWS) = .*$", text, re.MULTILINE)
    rules = text[text.index("    def interval_at(") : text.index('    print("step,')]
    namespace: dict[str, Any] = {}
    exec("\n".join(constants) + "\n" + textwrap.dedent(rules), namespace)
    for step in (*range(5000), *range(100_000, 1_000_000, 8)):
        assert namespace["is_row"](step) == schedule.is_row(step)
        assert namespace["is_validation"](step) == schedule.is_validation(step)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_with_the_same_torch_every_number_is_the_same(cell: str, interpreter: Interpreter) -> None:
    """To the last bit, through hundreds of steps of which most are clipped."""
    optimiser = Optimiser(lr=0.01, clip=0.05, batch=8, steps=300)
    experiment = Experiment(DelayedRecall(lag=8), replace(PLAIN, cell=cell), optimiser, seed=1)
    rows = trainer_rows(experiment)
    assert sum(norm > 0.05 for norm in column(rows, "norm")[1:] if norm is not None) > 100
    history = interpreter.rows(script(experiment))
    for name in COLUMNS:
        assert column(history, name) == column(rows, name), name


DATES = TASKS["dates"]()


@pytest.mark.parametrize(
    ("task", "steps", "clip", "changes"),
    [
        (DelayedRecall(), 60, 0.5, {6: {"lr": 0.1}, 10: {"lr": 0.001}, 50: {"lr": 0.3}}),
        (DelayedRecall(), 60, None, {1: {"temperature": 0.5}, 7: {"lr": 0.1, "clip": 0.01}}),
        (DelayedRecall(), 3000, 0.1, {6: {"clip": None}, 11: {"clip": 0.02}, 13: {"lr": 0.1}}),
        (DATES, 60, 0.5, {6: {"forcing": 0.0}, 9: {"clip": None}, 12: {"forcing": 0.5}}),
    ],
)
def test_it_ends_where_the_run_has_ended_and_is_changed_where_it_was(
    task: Task, steps: int, clip: float | None, changes: Changes, interpreter: Interpreter
) -> None:
    """Also where a row of history is a mean over several steps."""
    experiment = Experiment(task, PLAIN, replace(SHORT, steps=steps, clip=clip), seed=4)
    rows = trainer_rows(experiment, changes, until=21)
    history = {name: column(rows, name) for name in COLUMNS}
    recorded = json.loads(json.dumps([*changes.items()]))
    scripts = [script(experiment, history, recorded), script(experiment, history)]
    changed, unchanged = map(interpreter.rows, scripts)
    assert column(changed, "step") == column(rows, "step")
    assert column(changed, "loss")[1:] == pytest.approx(column(rows, "loss")[1:], rel=1e-5)
    first = min(step for step, values in changes.items() if {*values} != {"temperature"})
    before = sum(1 for row in rows if (row["step"] or 0) < first)
    assert column(unchanged, "loss")[:before] == column(changed, "loss")[:before]
    assert column(unchanged, "loss")[before:] != column(changed, "loss")[before:]


@pytest.mark.parametrize(
    "changes",
    [
        [5],
        ["ab"],
        [[5, "lr"]],
        [[0, {"lr": 0.1}]],
        [["5", {"lr": 0.1}]],
        [[5, {"lr": "0.1"}]],
        [[5, {"lr": -1.0}]],
        [[5, {"print('x')": 0.1}]],
    ],
)
def test_changes_that_no_run_can_have_had_are_refused(changes: object) -> None:
    with pytest.raises(Problem, match="allowed is"):
        script(Experiment(DelayedRecall(), PLAIN, SHORT), None, changes)


def test_a_text_of_the_visitor_is_embedded_and_never_executed(interpreter: Interpreter) -> None:
    hostile = "''' \"\"\" \\ {x}# \u202eé 나는 생각한다. 그러므로 나는 존재한다.\n"
    key = UPLOADS.add((hostile * 60).encode())
    tasks = (RunningText(source="own", file=key, length=10), Hello(text=hostile))
    assert_like_the_trainer([Experiment(task, PLAIN, SHORT) for task in tasks], interpreter)


@pytest.mark.parametrize("reads", ["alone", "all"])
def test_measurements_of_the_visitor_are_embedded_as_they_were_read(
    reads: str, interpreter: Interpreter
) -> None:
    """With their gaps, and without what reads tables."""
    rows = [
        f"2021-01-{1 + hour // 24:02} {hour % 24:02}:00;{math.sin(hour / 5):.3f};{hour % 7}"
        for hour in range(300)
        if hour != 70
    ]
    key = UPLOADS.add("\n".join(["time;wave (m);beat", *rows]).encode())
    task = Forecast("own", key, "wave", reads, 6, 2, 3)
    experiment = Experiment(task, PLAIN, SHORT)
    assert_like_the_trainer([experiment], interpreter)
    text = script(experiment)
    assert "import pandas" not in text
    assert set(re.findall(r"rnnviz/data/reading/(\w+)\.py", text)) == {
        "__init__",
        "corrections",
        "result",
    }


def test_it_needs_only_torch_and_numpy(tmp_path: Path) -> None:
    """Nor the package that splits texts, where none is split. (Optimisers import torch._dynamo.)"""
    path = tmp_path / "alone.py"
    path.write_text(script(Experiment(DelayedRecall(), PLAIN, SHORT)), encoding="utf-8")
    alone = f"runpy.run_path({str(path)!r}, run_name='__main__')"
    assert imported_packages(alone, tmp_path) <= imported_packages(
        "import torch._dynamo, numpy", tmp_path
    )


@pytest.mark.parametrize("name", TASKS)
def test_it_reads_well(name: str, tmp_path: Path) -> None:
    """No name is unused or unknown, no line is too long to read, no template marker is left.

    Each task with every third model, in turn (a longer test runs all pairs).
    """
    task = TASKS[name]()
    turn = list(TASKS).index(name) % 3
    for number, spec in enumerate(models(task)[turn::3]):
        changes = [[2, {"lr": 0.1, "clip": None, "forcing": 0.5}]] if number % 2 else None
        text = script(Experiment(task, spec, SHORT), None, changes)
        text = text.partition("\n# What the task needs")[0]
        lines = text.splitlines()
        assert all(line == line.rstrip() and len(line) <= 130 for line in lines), lines
        assert "# [" not in text
        assert "\n\n\n\n" not in text
        data = ("MODULES", "DATA", "GLOVE", "GLOVE_IDS", "GLOVE_DEVIATION")
        text += "".join(f"\n{name} = None" for name in data) + "\n"
        (tmp_path / f"script_{number}.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_model_is_plain_pytorch() -> None:
    """None of rnnviz's own models is embedded where torch.nn has all its layers."""
    for spec in (PLAIN, replace(PLAIN, cell="lstm", layers=3, bidirectional=True)):
        tree = ast.parse(script(Experiment(DelayedRecall(), spec, SHORT)))
        [model] = [each for each in ast.walk(tree) if getattr(each, "name", "") == "Model"]
        assert f"nn.{spec.cell.upper()}(" in ast.unparse(model)
        embedded = [
            str(ast.literal_eval(key))
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
            for key in node.value.keys
            if key is not None
        ]
        assert "rnnviz/tasks/memory/recall.py" in embedded
        assert not [name for name in embedded if name.startswith(("rnnviz/model", "rnnviz/cells"))]
        assert not [name for name in embedded if name.endswith(("hello.py", "surnames.py"))]


def column(rows: Rows, name: str) -> list[float | None]:
    return [row[name] for row in rows]


def imported_packages(code: str, folder: Path) -> set[str]:
    """The installed packages that are imported by `code`, where there is no package regex."""
    names = "{n.partition('.')[0] for n, m in [*sys.modules.items()] if 'site-packages' in str(m)}"
    whole = f"import sys, runpy; sys.modules['regex'] = None; {code}; print(sorted({names}))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", whole], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(ast.literal_eval(done.stdout.splitlines()[-1]))


def test_a_template_is_filled() -> None:
    template = textwrap.dedent(
        """
        import os
        import sys
        USED = 1  # a comment
        UNUSED = 2


        # [if shouting and not quiet or loud]
        def greet(name):
            # [fill greeting]
            return name
            # [end]


        # [else]
        def greet(name):
            return name.lower()


        # [end]
        print(greet("x"), USED, sys.argv)
        """
    )
    conditions = {"shouting": True, "quiet": False, "loud": False}
    fills = {"greeting": "if name:\n    return name.upper()"}
    text = render(template, conditions, fills, {"USED": "'UNUSED'"})
    assert "import sys\nUSED = 'UNUSED'  # a comment\n" in text
    assert "    if name:\n        return name.upper()\n" in text
    assert not re.search(r"import os|lower|UNUSED =|# \[", text)
    assert ".lower()" in render(template, conditions | {"quiet": True}, fills, {"USED": "0"})
    with pytest.raises(KeyError, match="loud"):
        render(template, {"shouting": False, "quiet": False}, fills, {"USED": "0"})
