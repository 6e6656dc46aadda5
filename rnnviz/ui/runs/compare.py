"""Runs compared: their curves in one figure, and the settings in which they differ."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.messages import N_
from rnnviz.palette import Theme
from rnnviz.store import RunRow, Store
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, current
from rnnviz.ui.run_text import METRIC_TITLES, MetricFormat, csv_columns
from rnnviz.ui.runs import format, scores
from rnnviz.ui.runs.figure_data import (
    PlottedRun,
    Versions,
    common_task,
    format_value,
    heading,
    load_runs,
    versions_of,
)
from rnnviz.ui.services.baselines import task_baselines
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from pyarrow import Table

    from rnnviz.figures import BaselineLine

EACH_CURVE = N_("{metric} on the examples of each curve")

COLUMNS = {"metric": "validation_metric", "loss": "loss", "norm": "norm"}
"""The column of the history that each measure draws."""


def draw_comparison(store: Store, rows: Sequence[RunRow]) -> None:
    """Draw a figure of `rows` for each metric that they have, and the settings that differ."""
    versions, language = versions_of(rows), current()
    runs = load_runs(versions, language, store, rows)
    measure, axis = _draw_controls(runs)
    groups = _groups(runs, measure)
    if len(groups) > 1:
        st.info(_("These runs have different metrics, so they do not share an axis."))
    pending = _has_pending_baselines(groups)
    figures = _figures(versions, measure, axis, language, show.theme(), pending, runs)
    for number, (fig, group) in enumerate(zip(figures, groups.values(), strict=True)):
        table = partial(_figure_table, group)
        show.figure(fig, key=f"runs.curves{number}", data=table)
    if len(runs) > 1:
        _draw_differences(_differences(versions, language, runs))


def _groups(
    runs: Sequence[PlottedRun], measure: str
) -> dict[MetricFormat | None, list[PlottedRun]]:
    """The runs that share an axis, by the format of their metric."""
    groups: dict[MetricFormat | None, list[PlottedRun]] = {}
    for run in runs:
        groups.setdefault(None if measure == "norm" else run.metric_format, []).append(run)
    return groups


def _has_pending_baselines(groups: Mapping[Any, Sequence[PlottedRun]]) -> bool:
    tasks = [task for task in map(common_task, groups.values()) if task is not None]
    return any(task_baselines(task) is None for task in tasks)


@shared(max_entries=200)
def _figures(
    versions: Versions,
    measure: str,
    axis: str,
    language: str,
    theme: Theme,
    has_pending_baselines: bool,
    _runs: Sequence[PlottedRun],
) -> list[show.ReadyFigure]:
    """A figure for each group of `_runs`; some of their baselines may still be pending."""
    return [
        _figure(measure, axis, theme, metric_format, group)
        for metric_format, group in _groups(_runs, measure).items()
    ]


def _draw_controls(runs: Sequence[PlottedRun]) -> tuple[str, str]:
    with st.container(horizontal=True, key="runs-figure-controls"):
        measures = {"metric": _("metric"), "loss": _("loss"), "norm": _("gradient norm")}
        measure = controls.choose("runs.measure", _("Compare by"), measures, "metric")
        axes = {"steps": _("training steps"), "epochs": _("epochs"), "seconds": _("seconds")}
        if not all(_steps_per_epoch(run) for run in runs):
            del axes["epochs"]  # a task that generates its examples has no epochs
        axis = controls.choose("runs.against", _("Horizontal axis"), axes, "steps")
    return measure, axis


def _steps_per_epoch(run: PlottedRun) -> int | None:
    """The training steps of an epoch; None if the task has no epochs or is unknown."""
    if run.experiment is None:
        return None
    from rnnviz.training import steps_per_epoch

    return steps_per_epoch(run.experiment.task, run.experiment.optimiser.batch)


def _figure(
    measure: str,
    axis: str,
    theme: Theme,
    metric_format: MetricFormat | None,
    runs: Sequence[PlottedRun],
) -> show.ReadyFigure:
    from rnnviz.figures import Curve, training_curves
    from rnnviz.figures.training_curves import baseline_keys

    y_format = metric_format if measure == "metric" else None
    scale = 1.0 if y_format is None else y_format.scale
    curves = []
    for run in runs:
        column = run.history[COLUMNS[measure]]
        values = [None if value is None else scale * value for value in column]
        curves.append(Curve(run.name, run.colour, _x_values(run, axis), values))
    x_title, y_title = _axis_titles(measure, axis, metric_format, runs)
    lines = [] if measure == "norm" else _baseline_lines(runs, measure, scale)
    logarithmic = measure == "norm" or (y_format is not None and not y_format.share)
    legend = [
        f"{key} {line.title}: {format_value(line.value / scale, y_format)}"
        for key, line in baseline_keys(lines, logarithmic).items()
    ]
    return show.finish(
        training_curves(curves, lines, x=x_title, y=y_title, logarithmic=logarithmic),
        title=heading(runs, measure, y_title),
        caption=_caption(runs, legend),
        alt=_(
            "{axis} against {against}; runs: {count}",
            axis=y_title,
            count=len(runs),
            against=x_title,
        ),
        theme=theme,
    )


def _axis_titles(
    measure: str, axis: str, metric_format: MetricFormat | None, runs: Sequence[PlottedRun]
) -> tuple[str, str]:
    """The titles of the x axis and of the y axis."""
    x_titles = {
        "steps": _("training steps"),
        "epochs": _("epochs"),
        "seconds": _("seconds trained"),
    }
    metric = "—" if metric_format is None else _(metric_format.name)
    y_titles = {
        "metric": _(curve_title(runs), metric=metric),
        "loss": _("training loss"),
        "norm": _("norm of the gradient"),
    }
    y_title = y_titles[measure]
    if measure == "metric" and metric_format is not None and metric_format.unit:
        y_title = f"{y_title} ({_(metric_format.unit)})"
    return x_titles[axis], y_title


def curve_title(runs: Sequence[PlottedRun]) -> str:
    """The title of an axis with the curves of `runs`, by the examples on which they are measured.

    A message to translate.
    """
    kinds = {scores.curve_kind(run.row) for run in runs}
    return METRIC_TITLES[kinds.pop()] if len(kinds) == 1 else EACH_CURVE


def _x_values(run: PlottedRun, axis: str) -> Sequence[float | None]:
    if axis == "seconds":
        return run.history["seconds"]
    epoch = _steps_per_epoch(run)
    if axis == "epochs" and epoch:
        return [step / epoch for step in run.history["step"]]
    return run.history["step"]


def _baseline_lines(runs: Sequence[PlottedRun], measure: str, scale: float) -> "list[BaselineLine]":
    """Chance, and the baselines of the common task as soon as they are computed."""
    from rnnviz.figures import BaselineLine
    from rnnviz.races.decisions import chance_baseline

    task = common_task(runs)
    if task is None:
        return []
    lines = []
    for baseline in (chance_baseline(task), *(task_baselines(task) or ())):
        value = baseline.loss if measure == "loss" else scale * baseline.metric
        if value is not None:
            lines.append(BaselineLine(_(baseline.title), value))
    return lines


def _caption(runs: Sequence[PlottedRun], legend: Sequence[str]) -> str:
    """What to look for; `legend` explains the keys of the dotted lines."""
    caption = _("Drag to zoom, double click to reset.")
    tests = [run.name for run in runs if scores.test_score(run.row) is not None]
    if tests and len(tests) < len(runs):
        caption += " " + _(
            "Not all of these runs have a test score, so they are compared by their curves."
        )
    if not legend:
        return caption
    task = common_task(runs)
    if task is not None and task_baselines(task) is None:
        caption += " " + _("More baselines are being computed; the next click shows them.")
    # Two spaces and a new line are Markdown's line break.
    return "  \n".join([_("Dotted: baselines, without a network."), *legend, caption])


def _figure_table(runs: Sequence[PlottedRun]) -> pd.DataFrame:
    """The drawn rows of all runs, one below the other."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "run": run.name,
                    "id": run.row.id,
                    **csv_columns(run.history, scores.curve_kind(run.row)),
                }
            )
            for run in runs
        ],
        ignore_index=True,
    )


@shared(max_entries=60)
def _differences(versions: Versions, language: str, _runs: Sequence[PlottedRun]) -> "Table | None":
    """The table of the settings that are not the same in all `_runs`; None if all are."""
    rows = differences([run.row.experiment for run in _runs])
    if not rows:
        return None
    columns = format.unique_names([_("Setting"), *(show.escape_formula(run.name) for run in _runs)])
    lines = []
    for path, values in rows.items():
        texts = [
            format.setting_value(path, value, run.row.experiment)
            for value, run in zip(values, _runs, strict=True)
        ]
        label = format.setting_label(path, *(run.row.experiment for run in _runs))
        lines.append(dict(zip(columns, [label, *texts], strict=True)))
    return show.finish_table(pd.DataFrame(lines))


def _draw_differences(table: "Table | None") -> None:
    """Draw the table of the settings that differ."""
    st.subheader(_("Only what differs"), anchor=False)
    if table is None:
        st.caption(_("All settings are the same."))
        return
    show.table(table, alt=_("The settings that differ"))


def differences(experiments: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The settings that are not the same in all `experiments`: path, and the value of each."""
    flat = [flatten(experiment) for experiment in experiments]
    paths = dict.fromkeys(path for settings in flat for path in settings)
    values = {path: [settings.get(path, "—") for settings in flat] for path in paths}
    return {path: row for path, row in values.items() if len(set(row)) > 1}


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as one table: "model.hidden" and its value as text."""
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = "—" if value is None else str(value)
    return flat
