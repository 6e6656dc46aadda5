"""What the pages share on one server: training, baselines, the store, uploads."""
