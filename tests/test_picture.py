"""Pictures that Python draws: what is escaped, and what a browser may pick."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.ui.picture import tag

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


class Reader(HTMLParser):
    """What a browser would find in a picture."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((name, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS, TEXTS)
def test_no_text_becomes_an_element_or_an_attribute(text: str, pick: str) -> None:
    read = Reader(tag("g", tag("text", text, data_pick=pick), class_="row"))
    assert read.tags == [("g", {"class": "row"}), ("text", {"data-pick": pick})]
    assert read.text == text


def test_children_are_flattened_and_empty_attributes_left_out() -> None:
    rows = [tag("rect", x=1 / 3, stroke_width=None), [tag("rect", data_twin="a"), None, "b"]]
    expected = '<svg><rect x="0.333333"></rect><rect data-twin="a"></rect>b</svg>'
    assert tag("svg", rows) == expected
