"""Races: the contestants, fair conditions, and verdicts. The modules import torch by the models."""
