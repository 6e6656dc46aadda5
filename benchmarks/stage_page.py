"""The page that `benchmarks/stage.py` measures: the stage, or the same hidden states in Plotly.

Run by Streamlit only. `?show=stage` or `?show=plotly`; `t`, `h` and `layers` set the size.
"""

import plotly.graph_objects as go
import streamlit as st
import torch
from plotly.subplots import make_subplots
from torch import nn

import rnnviz
from rnnviz.palette import BACKGROUND, DIVERGING
from rnnviz.ui import stage

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
V = 8


@st.cache_resource(max_entries=8)
def cell_views(T: int, H: int, layers: int) -> list[stage.CellView]:
    """One untrained model per cell, with a loss after the last step."""
    result = []
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(T, 16, generator=generator)
    target = torch.tensor([1])
    for code, kind in CELLS.items():
        layer = kind(16, H, num_layers=layers)
        with torch.no_grad():
            for weight in layer.parameters():
                weight.uniform_(-(H**-0.5), H**-0.5, generator=generator)
        head = torch.randn(V, H, generator=generator)
        trace = rnnviz.trace(layer, x)
        back = rnnviz.backward(
            layer, x, lambda out, head=head: nn.functional.cross_entropy(out[-1:] @ head.T, target)
        )
        shares = torch.softmax(trace.outputs @ head.T, -1)
        labels = [f"label {k}" for k in range(V)]
        targets = [None] * (T - 1) + [1]
        result.append(stage.CellView(code, code.upper(), trace, back, labels, shares, targets))
    return result


def plotly(cells: list[stage.CellView], step: int) -> go.Figure:
    """The hidden states up to `step`: one heatmap per cell."""
    figure = make_subplots(rows=len(cells), cols=1, shared_xaxes=True)
    low, zero, high = DIVERGING["light"]
    for row, view in enumerate(cells, 1):
        values = view.trace.layers[0].states["h"].numpy().T.copy()
        values[:, step + 1 :] = 0
        figure.add_heatmap(
            z=values, zmin=-1, zmax=1, colorscale=[[0, low], [0.5, zero], [1, high]], row=row, col=1
        )
    return figure.update_layout(height=700, title=f"step {step}", plot_bgcolor=BACKGROUND["light"])


def main() -> None:
    """Draw what the address asks for."""
    st.set_page_config(layout="wide")
    T, H, layers = (
        int(st.query_params.get(name, default))
        for name, default in {"t": "50", "h": "64", "layers": "1"}.items()
    )
    cells = cell_views(T, H, layers)
    if st.query_params.get("show") == "stage":
        tokens = [chr(97 + k % 26) for k in range(T)]
        content = stage.stage_content(cells, tokens, code=stage.MANY_TO_ONE)
        stage.show(content, key="bench.stage")
        return
    step = st.session_state.setdefault("step", 0)
    if st.button("Next"):
        step = st.session_state["step"] = (step + 1) % T
    st.plotly_chart(plotly(cells, step), key="figure")


if __name__ == "__main__":
    main()
