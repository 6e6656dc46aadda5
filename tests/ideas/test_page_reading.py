"""Read along: every heading of the articles leads to a place, where its claim is judged alike."""

from urllib.parse import urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.reading import ARTICLES, Stop
from rnnviz.ui.ideas.parts import VERDICTS
from rnnviz.ui.language import translator
from rnnviz.ui.pages import all_pages
from tests.ideas.article_rows import drawn_texts, open_link

STOPS = [stop for article in ARTICLES for stop in article.stops]
IDEAS = {page.address for page in all_pages() if page.section == "ideas"}


def texts(at: AppTest) -> str:
    return " ".join(drawn_texts(at))


def test_all_headings_stand_in_their_order_in_both_languages() -> None:
    for language in ("en", "ko"):
        page_text, translate = texts(open_link(f"read-along?lang={language}")), translator(language)
        places = [page_text.index(translate(stop.heading)) for stop in ARTICLES[0].stops]
        assert places == sorted(places)
        assert all(translate(stop.look) in page_text for stop in STOPS)


def test_the_headings_lead_to_every_idea_and_nowhere_else() -> None:
    addresses = {urlsplit(stop.link).path for stop in STOPS}
    assert addresses <= {page.address for page in all_pages()}
    assert addresses >= IDEAS - {"read-along"}


@pytest.mark.long
@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.heading)
def test_a_heading_opens_without_a_notice_and_its_claim_is_judged_there(stop: Stop) -> None:
    at = open_link(stop.link)
    assert not [warning.value for warning in at.warning if "This link has" in warning.value]
    if stop.verdict is not None and urlsplit(stop.link).path in IDEAS:
        assert f"-badge[{VERDICTS[stop.verdict][0]}]" in texts(at)
