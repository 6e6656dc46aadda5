"""What is trained in a worker, once for all visitors, and what needs no training."""

from typing import TYPE_CHECKING

from rnnviz.ideas.forecasting.settings import Network, Order, WindowSettings
from rnnviz.messages import N_
from rnnviz.ui.background import computed

if TYPE_CHECKING:
    from rnnviz.ideas.forecasting.networks import Forecasts, Simple
    from rnnviz.ideas.forecasting.overfitting import Curves

NAMES: dict[Network, str] = {
    "dense": N_("dense network"),
    "convolution": N_("1D convolution"),
    "gru": N_("GRU"),
}


def simple(settings: WindowSettings) -> "Simple":
    """Persistence, the mean of a day, a linear regression."""
    result: Simple = computed("rnnviz.ideas.forecasting.networks:simple_methods", settings)
    return result


def forecasts(
    settings: WindowSettings, network: Network, order: Order = "kept", leaky: bool = False
) -> "Forecasts":
    """The answers of a network."""
    result: Forecasts = computed(
        "rnnviz.ideas.forecasting.networks:train", settings, network, order, leaky
    )
    return result


def curves(settings: WindowSettings, dropout: float, recurrent: float, layers: int) -> "Curves":
    """Training and validation error of a GRU after every epoch."""
    result: Curves = computed(
        "rnnviz.ideas.forecasting.overfitting:train_curves", settings, dropout, recurrent, layers
    )
    return result
