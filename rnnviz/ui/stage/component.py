"""Sends the stage to the browser: Streamlit's own component, without writing its JSON anew.

`st.components.v2.component` writes the payload twice in every run and looks for tables in it; the
stage's is made once for all visitors. tests/test_stage.py compares the messages.
"""

from collections.abc import Callable, Mapping
from typing import Any

from streamlit.components.v2.bidi_component.serialization import BidiComponentSerde
from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.elements.lib.layout_utils import LayoutConfig
from streamlit.elements.lib.utils import compute_and_register_element_id
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import register_widget

from rnnviz.ui.scripts import ASSETS, component_source
from rnnviz.ui.services.component_scripts import component_script

NAME = "rnnviz_stage"
HTML = '<div class="rnnviz-stage-mount">\n</div>'
CSS = (ASSETS / "stage" / "stage.css").read_text(encoding="utf-8")
SOURCE = component_source("stage")
SCRIPT = component_script("stage")

_TEMPLATE = BidiComponent(
    component_name=NAME,
    # Without a shadow root, so that tests and accessibility checks see what a visitor sees; every
    # rule of the style sheet begins with the stage's own class.
    isolate_styles=False,
    js_content=SCRIPT,
    html_content=HTML,
    css_content=CSS,
    js_source_path="",
    css_source_path="",
)


def mount(key: str, payload: str, callbacks: Mapping[str, Callable[[], None]]) -> Any:
    """Draw the stage with its `payload`, JSON, and return the state that the browser has set.

    `callbacks`: of each of the states, called when it changes.
    """
    container = get_dg_singleton_instance().main_dg
    message = BidiComponent()
    message.CopyFrom(_TEMPLATE)
    message.json = payload
    message.id = compute_and_register_element_id(
        "bidi_component", user_key=key, key_as_main_identity=True, dg=container
    )
    serde = BidiComponentSerde()
    state = register_widget(
        message.id,
        deserializer=serde.deserialize,
        serializer=serde.serialize,
        ctx=get_script_run_ctx(),
        callbacks=dict(callbacks),
        value_type="json_value",
    )
    size = LayoutConfig(width="stretch", height="content")
    container._enqueue("bidi_component", message, layout_config=size)
    return state.value
