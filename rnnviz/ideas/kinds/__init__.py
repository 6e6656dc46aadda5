"""The kinds of problems: a small model of each, what it reads, and what its loss asks for."""
