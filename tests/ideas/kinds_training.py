"""Trains each small model of the page "Kinds of problems" once for all tests of a process."""

from functools import cache

from rnnviz.ideas.kinds.networks import train_model

trained = cache(train_model)
