"""Who races, whether it is fair, and what came of it. The modules import torch by way of models."""
