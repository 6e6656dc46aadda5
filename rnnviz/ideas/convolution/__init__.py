"""Convolution or recurrence: what a window sees, what it misses, and what both of them cost."""

from rnnviz.ideas.convolution.cost import Cost, cost
from rnnviz.ideas.convolution.fragments import Fragments, learn_fragments
from rnnviz.ideas.convolution.order import Order, OrderSettings, compare_order
from rnnviz.ideas.convolution.shapes import StackShape, Station, stations
from rnnviz.ideas.convolution.window import Window, WindowSettings, look_through

__all__ = [
    "Cost",
    "Fragments",
    "Order",
    "OrderSettings",
    "StackShape",
    "Station",
    "Window",
    "WindowSettings",
    "compare_order",
    "cost",
    "learn_fragments",
    "look_through",
    "stations",
]
