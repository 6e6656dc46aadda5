"""The numbers behind the figures, as tables to download: one row per cell and step."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.gradient_flow import CellFlow, FlowResult


def norms(result: "FlowResult") -> pd.DataFrame:
    """|dL/dh_t| per cell and step: before and after clipping, and from the last loss alone."""

    def table(flow: "CellFlow") -> pd.DataFrame:
        return pd.DataFrame(
            {"cell": flow.cell, "step": range(1, flow.norms.shape[1] + 1)}
            | _columns("norm", flow.norms)
            | _columns("clipped", flow.clipped_norms)
            | _columns("last_loss_alone", flow.from_last)
        )

    return _stack(result, table)


def factors(result: "FlowResult") -> pd.DataFrame:
    """Per cell and step: the factor of the whole state's gradient, of that of h, |J_t|, bound."""

    def table(flow: "CellFlow") -> pd.DataFrame:
        from rnnviz.gradient_flow import band

        bound = None if flow.bound is None else float(band(flow.bound)[1])
        return pd.DataFrame(
            {"cell": flow.cell, "step": range(2, flow.norms.shape[1] + 1)}
            | _columns("factor", flow.factors)
            | _columns("factor_of_h", flow.factors_of_h)
            | _columns("largest", flow.step_spectral[:, 1:])
            | {"bound": bound}
        )

    return _stack(result, table)


def activations() -> pd.DataFrame:
    """The derivative of each activation."""
    from rnnviz.figures.activations import SLOPES

    xs = [x / 20 for x in range(-100, 101)]
    return pd.DataFrame({"x": xs} | {name: list(map(f, xs)) for name, f in SLOPES.items()})


def clipping(result: "FlowResult") -> pd.DataFrame:
    """Per cell and network: the norm of the whole gradient, and what clipping multiplies it by."""
    return _stack(
        result,
        lambda flow: pd.DataFrame(
            {
                "cell": flow.cell,
                "seed": range(len(flow.total)),
                "total": flow.total.tolist(),
                "scale": flow.scale.tolist(),
            }
        ),
    )


def _columns(name: str, values: "Tensor") -> dict[str, list[float]]:
    from rnnviz.gradient_flow import band

    low, middle, high = band(values)
    named = {f"{name}_low": low, f"{name}_median": middle, f"{name}_high": high}
    return {column: numbers.tolist() for column, numbers in named.items()}


def _stack(result: "FlowResult", table: Callable[["CellFlow"], pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([table(flow) for flow in result.flows.values()], ignore_index=True)
