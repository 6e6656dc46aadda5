"""What the articles teach and the pages outside The ideas show: every link finds its text."""

import pytest

from tests.ideas.article_rows import ArticleRow, article_rows, check_row


@pytest.mark.parametrize("row", article_rows("elsewhere"), ids=str)
def test_a_row_of_the_articles_is_shown(row: ArticleRow) -> None:
    check_row(row)
