"""The articles' table is whole: every row stands once."""

from collections import Counter

from tests.ideas.article_rows import ARTICLES, article_rows

ROWS = 146


def test_every_row_has_its_link() -> None:
    topics = [path.stem for path in ARTICLES.glob("*.md") if path.stem != "README"]
    rows = Counter(row.number for topic in topics for row in article_rows(topic))
    assert rows == Counter(range(1, ROWS + 1))
