"""Builds what the stage's script receives: plain JSON, numbers packed as little-endian floats.

States, gates and their parts are float32. Gradients are float64, for what is left of a vanishing
one is soon smaller than the smallest float32.

Names of states, gates and terms come from the cells themselves, so that a new cell needs nothing
here. Packed numbers may be NaN or infinite, which JSON may not.

Dimensions: T time steps, H hidden units, V labels.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.messages import N_, fill
from rnnviz.palette import CELLS, DIVERGING, SEQUENTIAL
from rnnviz.ui.stage.view import START, CellView, CodeLine, Position

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
TERMS = {
    "output": N_("arrives at this step"),
    "next": N_("comes back from the next step"),
    "hidden": N_("through the hidden state"),
}
PARTS = {"input part": N_("what the input says"), "hidden part": N_("what the memory says")}
LAYER = N_("Layer {number}")
REVERSE = N_("Layer {number}, right to left")


def pack_float32(values: Any) -> str:
    """Numbers of any shape, row by row, as base64 of little-endian float32."""
    return b64encode(np.ascontiguousarray(np.asarray(values), dtype="<f4").tobytes()).decode()


def pack_float64(values: Any) -> dict[str, str]:
    """As `packed`, but float64, and marked as such."""
    wide = np.ascontiguousarray(np.asarray(values), dtype="<f8")
    return {"float64": b64encode(wide.tobytes()).decode()}


def untranslated(message: str, **values: object) -> str:
    """Stands in for the session's language: the source itself."""
    return fill(message, values) if values else message


def payload(
    readings: Sequence[CellView],
    tokens: Sequence[str],
    *,
    unknown: Sequence[bool] = (),
    code: Sequence[CodeLine] = (),
    prediction_title: str = "",
    start: Position = START,
    compact: bool = False,
    autoplay: bool = False,
    language: str = "en",
    translate: Translate = untranslated,
    strings: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the stage shows. Raises ValueError for readings of different length."""
    T = len(tokens)
    for reading in readings:
        if len(reading.trace.inputs) != T:
            raise ValueError(f"{reading.name} has {len(reading.trace.inputs)} steps, not {T}")
    content = {
        "tokens": list(tokens),
        "unknown": list(unknown) or [False] * T,
        "cells": [_cell(reading, translate) for reading in readings],
        "code": [asdict(line) for line in code],
        "compact": compact,
        "autoplay": autoplay,
        "predictionTitle": prediction_title,
    }
    identity = hashlib.sha256(json.dumps([language, content]).encode()).hexdigest()[:16]
    return content | {
        "id": identity,
        "language": language,
        "strings": strings or {},
        "palette": {
            theme: {"diverging": DIVERGING[theme], "sequential": SEQUENTIAL[theme]}
            for theme in ("light", "dark")
        },
        "start": asdict(start),
    }


def _cell(reading: CellView, translate: Translate) -> dict[str, Any]:
    back = reading.backward
    walked = reading.trace.layers
    return {
        "name": reading.name,
        "code": reading.code,
        "colour": CELLS.get(reading.code, CELLS["rnn"]),
        "agreement": max(reading.trace.agreement, back.agreement if back is not None else 0.0),
        "loss": None if back is None else float(back.loss),
        "layers": [
            _layer(layer, None if back is None else back.layers[k], translate)
            for k, layer in enumerate(walked)
        ],
        "predictions": None
        if reading.probabilities is None
        else {
            "labels": list(reading.labels),
            "values": pack_float32(reading.probabilities),
            "targets": list(reading.targets) or [None] * len(reading.probabilities),
            "own": reading.own_answer,
        },
    }


def _layer(
    layer: "LayerTrace", back: "LayerBackward | None", translate: Translate
) -> dict[str, Any]:
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
                "values": pack_float32(values),
            }
            for kind, name, values in named
        ],
        "parts": {
            name: {"input part": pack_float32(said), "hidden part": pack_float32(remembered)}
            for name, (said, remembered) in layer.parts.items()
        },
        "formulas": {
            name: _formula(formula, formulas, translate) for name, formula in formulas.items()
        },
        "backward": None if back is None else _backward(back, translate),
    }


def _label(kind: str, name: str, translate: Translate) -> str:
    known = STATES if kind == "state" else GATES
    return translate(known[name]) if name in known else name


def _formula(formula: "Formula", formulas: Any, translate: Translate) -> dict[str, Any]:
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


def _symbol(source: "Source", formulas: Any) -> str:
    """How a formula writes `source`: "W x_t + b", "f_t", "c_{t-1}"."""
    if source.kind == "input part":
        return "W x_t + b"
    if source.kind == "hidden part":
        return "W h_{t-1} + b"
    symbol: str = formulas[source.name].symbol
    return symbol if source.lag == 0 else symbol.removesuffix("_t") + f"_{{t-{source.lag}}}"


def _backward(back: "LayerBackward", translate: Translate) -> dict[str, Any]:
    return {
        "rows": [
            {
                "name": name,
                "values": pack_float64(values),
                "terms": [
                    {
                        "name": term,
                        "label": translate(TERMS[term]) if term in TERMS else term,
                        "values": pack_float64(part),
                    }
                    for term, part in back.terms[name].items()
                ],
            }
            for name, values in back.dstates.items()
        ],
        "norms": pack_float64(back.norms),
        "factors": pack_float64(back.factors),
        "weightSteps": pack_float64(back.weight_steps),
        "weightSum": pack_float64(back.weight_sum),
    }
