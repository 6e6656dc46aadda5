"""A run as a script that needs nothing but Python, torch and numpy."""

from rnnviz.export.changes import changes_of
from rnnviz.export.script import script

__all__ = ["changes_of", "script"]
