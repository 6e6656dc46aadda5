"""A run as a script that needs nothing but Python, torch and numpy."""

from rnnviz.export.script import script

__all__ = ["script"]
