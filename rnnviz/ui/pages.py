"""The pages and their cards: a page is one file in a folder of pages/, and says itself what it is.

The docstring of a page is its card, which the menu, the doors on Home and the page itself show:

    Title
    :material/icon:
    One sentence that says what the visitor will see.
    order: 20
"""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

SECTIONS = ("start", "learn", "train", "inspect")
"""The folders of pages/ in the order of a visit; others follow by name."""

NOT_A_CARD = "A page's docstring is its card: a title, an :material/icon:, one sentence."


@dataclass(frozen=True)
class Card:
    """What a page says about itself, in English; `order` sorts the pages of one section."""

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
        """The folder the page lies in."""
        return Path(self.path).parent.name

    @property
    def address(self) -> str:
        """The last part of its address, which no translation changes."""
        return Path(self.path).stem.replace("_", "-")


def parse_card(docstring: str | None) -> Card:
    """Read a card.

    Raises:
        ValueError: the docstring is missing or has no title, icon and sentence.
    """
    lines = [line.strip() for line in (docstring or "").strip().splitlines() if line.strip()]
    order = 100
    if lines and lines[-1].startswith("order:"):
        order = int(lines.pop().removeprefix("order:"))
    if len(lines) < 3 or not (lines[1].startswith(":material/") and lines[1].endswith(":")):
        raise ValueError(NOT_A_CARD)
    return Card(lines[0], lines[1], " ".join(lines[2:]), order)


def all_pages(root: Path = ROOT) -> list[Page]:
    """Every page under `root`/pages, in the order of the menu."""
    found = []
    for path in root.glob("pages/*/*.py"):
        found.append(Page(path.relative_to(root).as_posix(), _card_of(path, path.stat().st_mtime)))
    return sorted(found, key=_place)


@lru_cache(maxsize=256)
def _card_of(path: Path, _saved_at: float) -> Card:
    """The card of a script; read again only when the file has been saved since."""
    return parse_card(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))


def _place(entry: Page) -> tuple[int, str, int, str]:
    known = entry.section in SECTIONS
    section = SECTIONS.index(entry.section) if known else len(SECTIONS)
    return section, entry.section, entry.card.order, entry.path
