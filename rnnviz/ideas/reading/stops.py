"""What a reader of an article finds: its headings, each with a link and what to see there."""

from dataclasses import dataclass

from rnnviz.ideas.claims import Verdict


@dataclass(frozen=True)
class Stop:
    """One heading of an article.

    Attributes:
        heading: as in the article.
        link: the address of the app that shows it, with its settings.
        look: what to see there, in one sentence.
        verdict: on what the article says under this heading, where the app has judged it.
    """

    heading: str
    link: str
    look: str
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Article:
    """An article: its title, and its headings in their order."""

    title: str
    stops: tuple[Stop, ...]
