"""What will be measured tomorrow? Windows of a series that straddle neither gap nor split."""

from rnnviz.tasks.forecast.task import Forecast

__all__ = ["Forecast"]
