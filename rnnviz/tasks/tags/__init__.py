"""Which part of speech is each word, where the word alone does not tell?"""

from rnnviz.tasks.tags.task import Tags

__all__ = ["Tags"]
