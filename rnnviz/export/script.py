"""A run as one file of Python: the model and the loop in plain PyTorch, the task as rnnviz has it.

The file is the template `templates/run.py`, filled. It includes what the task reads: its modules as
text, its data as base64. The model is spelled out where it is an embedding, one of torch.nn's
layers and a head; otherwise the modules that make it are included as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from rnnviz.export.embedded import data_literal, glove_literals, modules_literal, visitor_files
from rnnviz.export.module_sources import ModuleSources
from rnnviz.export.plain_model import is_plain, model_conditions, model_constants, model_fills
from rnnviz.export.recorded_run import RecordedRun, training_conditions, training_constants
from rnnviz.export.template import TEMPLATES, render
from rnnviz.model import IOSpec
from rnnviz.training import Experiment


def script(
    experiment: Experiment,
    history: Mapping[str, Sequence[Any]] | None = None,
    changes: object = None,
) -> str:
    """The text of a script that repeats the run of `experiment`.

    `history`: its columns, if it has one; the script then ends at the step where the run has ended.
    `changes`: the fact of this name, steps and the settings changed before them; the script changes
    them there, too.

    Raises:
        Problem: a file of the visitor that the task reads is no longer available, or changes that
            no run can have had.
    """
    task, spec, io_spec = experiment.task, experiment.model, IOSpec.of(experiment.task)
    run, plain = RecordedRun.of(experiment, history, changes), is_plain(spec, io_spec)
    settings, uploads = visitor_files(task)
    modules = [type(task).__module__]
    modules += ["rnnviz.data.uploads"] if uploads else []
    modules += [] if plain else ["rnnviz.model.build", "rnnviz.model.spec"]
    reader = (TEMPLATES / "visitor_series.py").read_text(encoding="utf-8")
    sources = ModuleSources(*modules, replaced={"rnnviz.data.visitor_series": reader})
    conditions = training_conditions(experiment, run, plain) | model_conditions(spec, io_spec)
    conditions["regex"] = "regex" in sources.external
    constants = training_constants(experiment, run) | model_constants(spec, io_spec)
    constants["MODULES"] = modules_literal(sources.files())
    constants["DATA"] = data_literal(
        experiment, not plain and spec.embedding.startswith("glove"), uploads
    )
    if plain and conditions["glove"]:
        constants |= glove_literals(io_spec.words)
    fills = (model_fills(spec, io_spec) if plain else {}) | {
        "task": f"from {type(task).__module__} import {type(task).__name__}\n\n"
        f"task = {_constructor(task, **settings)}",
        "spec": f"spec = {_constructor(spec)}",
    }
    template = (TEMPLATES / "run.py").read_text(encoding="utf-8")
    return render(template, conditions, fills, constants).replace("{title}", task.title, 1)


def _constructor(instance: Any, **changes: Any) -> str:
    """The call that makes `instance`, a dataclass, with these `changes`; defaults are left out."""
    values = {field.name: getattr(instance, field.name) for field in fields(instance)} | changes
    arguments = [
        f"{field.name}={values[field.name]!r}"
        for field in fields(instance)
        if values[field.name] != field.default
    ]
    return f"{type(instance).__name__}({', '.join(arguments)})"
