"""Forecasting: a series, the windows that are cut from it, simple methods before networks."""
