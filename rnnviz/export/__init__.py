"""A run as a script that needs nothing but Python, torch and numpy."""

from rnnviz.export.live_changes import parse_changes
from rnnviz.export.script import script

__all__ = ["parse_changes", "script"]
