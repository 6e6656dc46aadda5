"""The form of a file: its encoding, its lines, its separator and its header; all still text."""
