"""What a running server does for the store: its live runs, the limits, and the regular beat."""
