"""Shapes and layers: what a recurrent layer receives and returns, with its real numbers.

`settings` needs no torch; every other module computes.
"""

from rnnviz.ideas.shapes.settings import PRESETS, LayerSettings

__all__ = ["PRESETS", "LayerSettings"]
