"""The articles' table, docs/articles: opens each link and looks for what the row says stands there.

A page's test runs `check_row` for each of `article_rows("<topic>")`.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from streamlit.testing.v1 import AppTest

from rnnviz.ui.pages import all_pages

ROOT = Path(__file__).parents[2]
ARTICLES = ROOT / "docs" / "articles"
IDEAS = {page.address for page in all_pages() if page.section == "ideas"}
INVISIBLE = {"id", "component_name", "js_content", "css_content", "html_content", "icon"}
"""Fields of Streamlit's messages that nobody reads."""
HEADER = ["#", "Article", "Idea", "Link", "Find"]


@dataclass(frozen=True)
class ArticleRow:
    """One row: its number, where the article says it, the idea, a permalink, a text found there."""

    number: int
    article: str
    idea: str
    link: str
    text: str

    def __str__(self) -> str:
        return f"{self.number} {self.idea}"


def article_rows(topic: str) -> list[ArticleRow]:
    """The rows of docs/articles/<topic>.md; cells may stand in backticks, a bar is written \\|."""
    lines = (ARTICLES / f"{topic}.md").read_text(encoding="utf-8").splitlines()
    table = [_cells(line) for line in lines if line.startswith("|")]
    header, _rule, *rows = table
    assert header == HEADER, f"{topic}.md has the columns {header}; they are {HEADER}"
    return [ArticleRow(int(number), *rest) for number, *rest in rows]


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [cell.strip().strip("`").replace(r"\|", "|") for cell in cells]


def check_row(row: ArticleRow) -> None:
    """The link opens in English without an error or a notice, and its text stands on the page."""
    texts = _texts_under(row.link)
    if row.link.partition("?")[0] in IDEAS:
        assert _controls_without_help(row.link) == []
    assert not [text for text in texts if "This link has settings" in text]
    assert any(_plain(row.text) in text for text in texts), (
        f"{row.text!r} is not on {row.link}:\n" + "\n".join(texts)
    )


@lru_cache(maxsize=32)
def _page_under(link: str) -> AppTest:
    """The page of a link; several rows may have the same."""
    return open_link(link)


def _texts_under(link: str) -> tuple[str, ...]:
    """All that a page says under a link."""
    return tuple(_plain(text) for text in drawn_texts(_page_under(link)))


def _controls_without_help(link: str) -> list[str]:
    """The labels of the controls that do not say what they do."""
    main = _page_under(link).main
    kinds = ("button_group", "select_slider", "selectbox", "slider", "text_input", "toggle")
    controls = [control for kind in kinds for control in main.get(kind)]
    return [control.proto.label for control in controls if not control.proto.help]


def open_link(link: str, locale: str = "en-US") -> AppTest:
    """The page of an address like "text-into-numbers?vectors=hashing", drawn."""
    address = urlsplit(link)
    (page,) = [each for each in all_pages() if each.address == address.path.strip("/")]
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.context["locale"] = locale
    at.run()
    at.query_params.update(dict(parse_qsl(address.query)))
    at.switch_page(page.path).run()
    assert not at.exception, at.exception
    return at


def drawn_texts(at: AppTest) -> Iterator[str]:
    """All that a page says: prose, headings, labels, options, helps, code, charts, pictures."""
    for element in at.main:
        proto = getattr(element, "proto", None)
        yield from _strings(proto)


def _strings(proto: Any) -> Iterator[str]:
    """Every text of a message of Streamlit; HTML without its tags, charts as their texts."""
    if isinstance(proto, str):
        yield from _texts_of(proto)
    elif isinstance(proto, bytes):
        yield from _texts_of(proto.decode(errors="ignore"))
    elif hasattr(proto, "ListFields"):
        for field, value in proto.ListFields():
            if field.name not in INVISIBLE:
                yield from _strings(value)
    elif hasattr(proto, "__iter__"):
        for value in proto:
            yield from _strings(value)


def _texts_of(text: str) -> Iterator[str]:
    if text.startswith("{"):
        try:
            yield from _leaves(json.loads(text))
        except ValueError:
            yield text
    elif text.startswith("<"):
        # Words that a picture breaks into lines are one text.
        yield html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))
        yield from (html.unescape(each) for each in re.findall(r'aria-label="([^"]*)"', text))
    else:
        yield text


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)


def _plain(text: str) -> str:
    """`text` without the marks of Markdown and the joiners that keep it from being read as such."""
    text = re.sub(r"\\([\W_])", r"\1", text.replace("\N{WORD JOINER}", ""))
    return " ".join(re.sub(r"[*`]", "", text).split())
