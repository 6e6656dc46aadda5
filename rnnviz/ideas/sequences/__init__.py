"""Sequences and memory: why order is information, and what a network needs to use it.

Import from the modules, one for each part of the page.
"""
