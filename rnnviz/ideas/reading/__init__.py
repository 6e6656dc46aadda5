"""The five founding articles, heading by heading, and where each idea can be touched.

The headings are the articles' own in Korean; English has translations of them.
"""

from rnnviz.ideas.reading.hello import HELLO
from rnnviz.ideas.reading.illustrated_guide import ILLUSTRATED_GUIDE
from rnnviz.ideas.reading.keras_chapter import KERAS_CHAPTER
from rnnviz.ideas.reading.lecture_notes import LECTURE_NOTES
from rnnviz.ideas.reading.sequence_modelling import SEQUENCE_MODELLING
from rnnviz.ideas.reading.stops import Article, Stop

__all__ = ["ARTICLES", "Article", "Stop"]

ARTICLES = (SEQUENCE_MODELLING, ILLUSTRATED_GUIDE, KERAS_CHAPTER, LECTURE_NOTES, HELLO)
