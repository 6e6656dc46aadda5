"""The pages and their cards: a page is one script in a folder of pages/ and describes itself.

The docstring of a page is its card, displayed by the menu, by Home and by the page itself:

    Title
    :material/icon:
    One sentence that says what the visitor will see.
    order: 20
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rnnviz.messages import N_

ROOT = Path(__file__).parents[2]

SECTIONS = {
    "start": "",
    "ideas": N_("The ideas"),
    "train": N_("Train"),
    "learn": N_("Inspect"),
}
"""The folders of pages/ in the order of the menu, and what it calls them."""

IDEAS = "ideas"
"""The section that the menu folds: of a visitor elsewhere it shows only the first page."""

NOT_A_CARD = "A page's docstring is its card: a title, an :material/icon:, one sentence."


@dataclass(frozen=True)
class Card:
    """The description of a page, in English; `order` sorts the pages of one section."""

    title: str
    icon: str
    sentence: str
    order: int = 100


@dataclass(frozen=True)
class Page:
    """A page of the app: its script (relative to the app's folder) and its card."""

    path: str
    card: Card

    @property
    def section(self) -> str:
        """The folder that contains the page."""
        return Path(self.path).parent.name

    @property
    def address(self) -> str:
        """The last part of its address, the same in every language."""
        return Path(self.path).stem.replace("_", "-")


def parse_card(docstring: str | None) -> Card:
    """Parse the docstring of a page.

    Raises:
        ValueError: it is missing or has no title, icon and sentence.
    """
    lines = [line.strip() for line in (docstring or "").strip().splitlines() if line.strip()]
    order = 100
    if lines and lines[-1].startswith("order:"):
        order = int(lines.pop().removeprefix("order:"))
    if len(lines) < 3 or not (lines[1].startswith(":material/") and lines[1].endswith(":")):
        raise ValueError(NOT_A_CARD)
    return Card(lines[0], lines[1], " ".join(lines[2:]), order)


@cache
def all_pages(root: Path = ROOT) -> tuple[Page, ...]:
    """Every page under `root`/pages, in the order of the menu; read once per process."""
    pages = [
        Page(
            path.relative_to(root).as_posix(),
            parse_card(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))),
        )
        for path in root.glob("pages/*/*.py")
    ]
    return tuple(sorted(pages, key=_menu_position))


def _menu_position(page: Page) -> tuple[int, str, int, str]:
    is_listed = page.section in SECTIONS
    section = [*SECTIONS].index(page.section) if is_listed else len(SECTIONS)
    return section, page.section, page.card.order, page.path
