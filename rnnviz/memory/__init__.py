"""How far back a network remembers, and how sensitive it is to what it has read."""

from rnnviz.memory.lag_recall import Recall, recall
from rnnviz.memory.probe import (
    ProbeCurve,
    first_token_probe,
    including,
    opening_tokens,
    probe_lengths,
)
from rnnviz.memory.sensitivity import TokenSensitivity, share_message, token_sensitivity

__all__ = [
    "ProbeCurve",
    "Recall",
    "TokenSensitivity",
    "first_token_probe",
    "including",
    "opening_tokens",
    "probe_lengths",
    "recall",
    "share_message",
    "token_sensitivity",
]
