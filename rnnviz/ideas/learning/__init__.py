"""How a network learns: one training step, its size, its depth, its activation, its cuts."""
