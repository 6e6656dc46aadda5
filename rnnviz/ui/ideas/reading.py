"""The articles as columns: their headings in order, each a link with what to see there."""

from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.reading import ARTICLES, Article, Stop
from rnnviz.messages import N_, Message
from rnnviz.ui import picture
from rnnviz.ui.ideas.parts import VERDICTS, draw_finding
from rnnviz.ui.language import _, current
from rnnviz.ui.pages import all_pages
from rnnviz.ui.shared_cache import shared


def draw_page() -> None:
    """Draw the columns, and open the place whose heading was clicked."""
    stops = [stop for article in ARTICLES for stop in article.stops]
    verdicts = Counter(stop.verdict for stop in stops if stop.verdict is not None)
    draw_finding(
        Message(
            N_(
                "{headings} headings of {articles} articles: of {judged} claims that were checked,"
                " {right} are right, {half} half right, {wrong} wrong."
            ),
            {
                "headings": len(stops),
                "articles": len(ARTICLES),
                "judged": verdicts.total(),
                "right": verdicts[Verdict.RIGHT],
                "half": verdicts[Verdict.HALF_RIGHT],
                "wrong": verdicts[Verdict.WRONG],
            },
        )
    )
    link = picture.draw(columns(current()), key="reading.articles")
    if link in {stop.link for stop in stops}:
        open_link(link)


def open_link(link: str) -> None:
    """Go to the page of an address of the app, with its settings."""
    address = urlsplit(link)
    [page] = [page for page in all_pages() if page.address == address.path]
    st.switch_page(page.path, query_params=dict(parse_qsl(address.query)))


@shared(max_entries=4)
def columns(language: str) -> Markup:
    """The articles side by side, in the visitor's `language`."""
    return picture.tag(
        "div", [_column(article, language) for article in ARTICLES], class_="articles"
    )


def _column(article: Article, language: str) -> Markup:
    stops = picture.tag("ol", [_item(stop, language) for stop in article.stops])
    return picture.tag("section", picture.tag("h2", _(article.title)), stops)


def _item(stop: Stop, language: str) -> Markup:
    joint = "&" if "?" in stop.link else "?"
    link = picture.tag(
        "a", _(stop.heading), href=f"{stop.link}{joint}lang={language}", data_open=stop.link
    )
    verdict = None
    if stop.verdict is not None:
        word, colour = VERDICTS[stop.verdict]
        verdict = picture.tag("span", _(word), class_=f"verdict {colour}")
    return picture.tag("li", link, verdict, picture.tag("p", _(stop.look)))
