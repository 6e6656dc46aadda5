"""How far back a network remembers, and how sensitive it is to what it has read."""

from rnnviz.memory.lag_recall import Recall, recall, recall_message
from rnnviz.memory.sensitivity import WordShares, share_message, word_shares

__all__ = ["Recall", "WordShares", "recall", "recall_message", "share_message", "word_shares"]
