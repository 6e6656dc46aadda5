"""The articles' table is whole: every row stands once, or in the list of those that are missing."""

import re
from collections import Counter

from tests.ideas.article_rows import ARTICLES, article_rows

ROWS = 146


def test_every_row_has_its_link_or_is_named_as_missing() -> None:
    topics = [path.stem for path in ARTICLES.glob("*.md") if path.stem != "README"]
    rows = Counter(row.number for topic in topics for row in article_rows(topic))
    assert [number for number, count in rows.items() if count > 1] == []
    text = (ARTICLES / "README.md").read_text(encoding="utf-8")
    [missing] = re.findall(r"Not yet: (.*?) \(", text)
    named = {int(number) for number in re.findall(r"\d+", missing)}
    assert {*range(1, ROWS + 1)} - {*rows} == named
