"""Synthetic tasks that measure how far back a network remembers."""
