"""What does this sentence ask for? Ten intents of a voice assistant, in two languages."""

from rnnviz.tasks.intents.common import TITLES
from rnnviz.tasks.intents.english import EXAMPLE_TEMPLATE, MERGED, templates
from rnnviz.tasks.intents.task import Intents

__all__ = ["EXAMPLE_TEMPLATE", "MERGED", "TITLES", "Intents", "templates"]
