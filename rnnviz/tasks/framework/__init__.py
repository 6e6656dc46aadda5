"""What all tasks share: how a task describes itself, its examples, its metric and its baselines."""
