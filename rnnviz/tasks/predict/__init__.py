"""Tasks whose answer is the next symbol or the next number."""
