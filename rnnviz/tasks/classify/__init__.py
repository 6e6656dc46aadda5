"""Tasks with one label for a whole sequence."""
