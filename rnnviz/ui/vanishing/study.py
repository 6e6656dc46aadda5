"""The study behind the page, measured once for all visitors."""

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from rnnviz.gradient_flow import FlowResult, FlowSettings


def measure(settings: "FlowSettings") -> "FlowResult":
    """The study of `settings`, which all sessions share and must not change."""
    return _flow_result(settings)


# Streamlit's hash confuses dataclasses of equal fields; the repr of the settings is complete.
@st.cache_resource(
    max_entries=100,
    show_spinner=False,
    hash_funcs={"rnnviz.gradient_flow.settings.FlowSettings": repr},
)
def _flow_result(settings: "FlowSettings") -> "FlowResult":
    import torch

    from rnnviz.gradient_flow import measure

    # Many small products: a second thread costs more than it gains, far more on a busy machine.
    torch.set_num_threads(1)
    return measure(settings)
