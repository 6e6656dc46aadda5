"""Tasks whose answer is a sequence of its own, spoken by a decoder."""
