"""What the tests of the pages of The ideas read of a page."""

import re

from streamlit.testing.v1 import AppTest


def plain(text: str) -> str:
    """Markdown without its escapes."""
    return re.sub(r"\\(.)", r"\1", text).replace("\N{WORD JOINER}", "")


def finding(at: AppTest) -> str:
    """The sentence above the picture."""
    return plain((at.subheader or at.header)[0].value)


def picture(at: AppTest) -> str:
    """The drawing, as the browser gets it."""
    (component,) = at.get("bidi_component")
    text: str = component.proto.bytes.decode()
    return text
