"""Builds what the stage's script receives: plain JSON, and beside it all numbers in one piece.

States, gates and their parts are float32. Gradients are halves of float64, for what is left of a
vanishing one is soon smaller than the smallest float32. Packed numbers may be NaN or infinite,
which JSON may not.

Names of states, gates and terms come from the cells themselves, so that a new cell needs nothing
here.

Dimensions: T time steps, H hidden units, V labels.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rnnviz.lessons.view import CellView
from rnnviz.messages import N_, fill
from rnnviz.palette import CELLS, DIVERGING, SEQUENTIAL, SERIES
from rnnviz.ui.services.numbers import NumberPacker, Numbers
from rnnviz.ui.stage.payload_types import (
    Backward,
    Cell,
    Layer,
    Palette,
    Predictions,
    PseudocodeLine,
    RowFormula,
    StagePayload,
    StagePosition,
)
from rnnviz.ui.stage.view import START, CodeLine, Position

if TYPE_CHECKING:
    from rnnviz.formulas import Formula, Source
    from rnnviz.gradients import LayerBackward
    from rnnviz.tracing import LayerTrace

Translate = Callable[..., str]

STATES = {"h": N_("hidden state"), "c": N_("cell state")}
GATES = {
    "input": N_("input gate"),
    "forget": N_("forget gate"),
    "candidate": N_("candidate"),
    "output": N_("output gate"),
    "reset": N_("reset gate"),
    "update": N_("update gate"),
}
"""What a visitor reads for the names that cells declare; a name without a label is its own."""

TERMS = {
    "output": N_("arrives at this step"),
    "next": N_("comes back from the next step"),
    "hidden": N_("through the hidden state"),
}
PARTS = {"input part": N_("from the input"), "hidden part": N_("from the hidden state before")}
LAYER = N_("Layer {number}")
REVERSE = N_("Layer {number}, right to left")


_CHANGING = ("numbers", "address", "start")


@dataclass(frozen=True, eq=False)
class StageContent:
    """All that a stage shows, for all visitors who see the same: nobody changes it.

    `header` is the payload but for the numbers, and begins at the first token.
    """

    header: StagePayload
    numbers: Numbers

    @property
    def id(self) -> str:
        """Changes with everything that is shown."""
        return self.header["id"]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.numbers.packed) + 200 * len(self.header["tokens"]) + 30_000

    @cached_property
    def _header_json(self) -> str:
        return json.dumps(
            {name: each for name, each in self.header.items() if name not in _CHANGING},
            allow_nan=False,
        )

    def json(self, start: Position = START, inline: bool = False) -> str:
        """`payload` as JSON; what is the same for all visitors is written once."""
        changing = {**self.numbers.transport(inline), "start": stage_position(start)}
        return f"{self._header_json[:-1]}, {json.dumps(changing)[1:]}"

    def payload(self, start: Position = START, inline: bool = False) -> StagePayload:
        """What the script receives; `inline`: with the numbers, however many."""
        transport = self.numbers.transport(inline)
        return {**self.header, **transport, "start": stage_position(start)}


def untranslated(message: str, **values: object) -> str:
    """The English message itself, in the place of the session's language."""
    return fill(message, values) if values else message


def payload(views: Sequence[CellView], tokens: Sequence[str], **options: Any) -> StagePayload:
    """Everything that the stage shows, numbers included; arguments as for `stage_content`."""
    start = options.pop("start", START)
    return stage_content(views, tokens, **options).payload(start, inline=True)


def stage_content(
    views: Sequence[CellView],
    tokens: Sequence[str],
    *,
    unknown: Sequence[bool] = (),
    code: Sequence[CodeLine] = (),
    prediction_title: str = "",
    compact: bool = False,
    autoplay: bool = False,
    language: str = "en",
    translate: Translate = untranslated,
    strings: dict[str, str] | None = None,
) -> StageContent:
    """Everything that the stage shows.

    Args:
        views: of the cells that read the same `tokens`.
        unknown: per token whether the model does not know it; such a token is marked.
        code: the pseudocode beside the pictures, e.g. MANY_TO_ONE; empty for none.
        prediction_title: what the bars show, already translated, e.g. "Next character".
        compact: the small stage, without code, explanations and reports.
        autoplay: begin to play at once (not for visitors who prefer reduced motion).
        strings: the texts of the script.

    Raises:
        ValueError: a view has another length.
    """
    T = len(tokens)
    for view in views:
        if len(view.trace.inputs) != T:
            raise ValueError(f"{view.name} has {len(view.trace.inputs)} steps, not {T}")
    packer = NumberPacker()
    content: dict[str, Any] = {
        "tokens": list(tokens),
        "unknown": list(unknown) or [False] * T,
        "cells": [_cell(view, packer, translate) for view in views],
        "code": [_code_line(line) for line in code],
        "compact": compact,
        "autoplay": autoplay,
        "predictionTitle": prediction_title,
    }
    numbers = packer.numbers()
    digest = hashlib.sha256(json.dumps([language, content, numbers.id]).encode()).hexdigest()
    header: Any = {
        "id": digest[:16],
        "language": language,
        "strings": strings or {},
        "palette": {"light": _palette("light"), "dark": _palette("dark")},
        "start": stage_position(START),
        "numbers": "",
        "address": "",
        **content,
    }
    return StageContent(header, numbers)


def stage_position(position: Position) -> StagePosition:
    """The position as the script reads it."""
    return {"step": position.step, "phase": position.phase}


def _palette(theme: Any) -> Palette:
    return {"diverging": list(DIVERGING[theme]), "sequential": list(SEQUENTIAL[theme])}


def _code_line(line: CodeLine) -> PseudocodeLine:
    return {"text": line.text, "phase": line.phase, "when": line.when, "value": line.value}


def _cell(view: CellView, packer: NumberPacker, translate: Translate) -> Cell:
    backward = view.backward
    return {
        "name": translate(view.name),
        "code": view.code,
        "colour": CELLS.get(view.code, SERIES[0]),
        "agreement": max(view.trace.agreement, 0.0 if backward is None else backward.agreement),
        "loss": None if backward is None else float(backward.loss),
        "layers": [
            _layer(layer, None if backward is None else backward.layers[k], packer, translate)
            for k, layer in enumerate(view.trace.layers)
        ],
        "predictions": _predictions(view, packer, translate),
    }


def _predictions(view: CellView, packer: NumberPacker, translate: Translate) -> Predictions | None:
    if view.probabilities is None:
        return None
    return {
        "labels": label_titles(view, translate),
        "values": packer.float32(view.probabilities),
        "targets": list(view.targets) or [None] * len(view.probabilities),
        "ownAnswer": view.own_answer,
    }


def label_titles(view: CellView, translate: Translate) -> list[str]:
    """What a visitor reads for each of the labels."""
    titles = view.label_titles
    return [translate(titles[label]) if label in titles else label for label in view.labels]


def _layer(
    layer: "LayerTrace",
    backward: "LayerBackward | None",
    packer: NumberPacker,
    translate: Translate,
) -> Layer:
    formulas = layer.cell.formulas
    named = [("state", name, values) for name, values in layer.states.items()]
    named += [("gate", name, layer.gates[name]) for name in layer.cell.gates]
    return {
        "label": translate(REVERSE if layer.reverse else LAYER, number=layer.layer + 1),
        "reverse": layer.reverse,
        "units": layer.cell.hidden,
        "rows": [
            {
                "name": name,
                "kind": kind,
                "label": _label(kind, name, translate),
                "symbol": formulas[name].symbol,
                "values": packer.float32(values),
            }
            for kind, name, values in named
        ],
        "parts": {
            name: {
                "input part": packer.float32(input_part),
                "hidden part": packer.float32(hidden_part),
            }
            for name, (input_part, hidden_part) in layer.parts.items()
        },
        "formulas": {
            name: _formula(formula, formulas, translate) for name, formula in formulas.items()
        },
        "backward": None if backward is None else _backward(backward, packer, translate),
    }


def _label(kind: str, name: str, translate: Translate) -> str:
    labels = STATES if kind == "state" else GATES
    return translate(labels[name]) if name in labels else name


def _formula(
    formula: "Formula", formulas: "Mapping[str, Formula]", translate: Translate
) -> RowFormula:
    return {
        "symbol": formula.symbol,
        "text": formula.text,
        "numbers": formula.numbers,
        "sources": [
            {
                "kind": source.kind,
                "name": source.name,
                "role": source.role,
                "lag": source.lag,
                "label": translate(PARTS[source.kind])
                if source.kind in PARTS
                else _label(source.kind, source.name, translate),
                "symbol": _symbol(source, formulas),
            }
            for source in formula.sources
        ],
    }


def _symbol(source: "Source", formulas: "Mapping[str, Formula]") -> str:
    """How a formula writes `source`: "W x_t + b", "f_t", "c_{t-1}"."""
    if source.kind == "input part":
        return "W x_t + b"
    if source.kind == "hidden part":
        return source.symbol or "W h_{t-1} + b"
    symbol = formulas[source.name].symbol
    return symbol if source.lag == 0 else symbol.removesuffix("_t") + f"_{{t-{source.lag}}}"


def _backward(backward: "LayerBackward", packer: NumberPacker, translate: Translate) -> Backward:
    return {
        "rows": [
            {
                "name": name,
                "values": packer.wide(values),
                "terms": [
                    {
                        "name": term,
                        "label": translate(TERMS[term]) if term in TERMS else term,
                        "values": packer.wide(part),
                    }
                    for term, part in backward.terms[name].items()
                ],
            }
            for name, values in backward.dstates.items()
        ],
        "norms": packer.float64(backward.norms),
        "factors": packer.float64(backward.factors),
        "weightSteps": packer.float64(backward.weight_steps),
        "weightSum": packer.float64(backward.weight_sum),
    }
