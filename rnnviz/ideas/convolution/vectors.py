"""Input vectors of characters, and the draw of first weights, which a listing repeats in two lines.

T characters, I numbers of a vector.
"""

import torch
from torch import Tensor, nn

FEATURES = 8
"""I, the size of the vector of a character."""
SEED = 1
BLANK = "·"
"""The character whose vector is zero."""


def character_vectors(text: str) -> Tensor:
    """The vectors (T,I) of the characters of `text`, each drawn with its code point as the seed."""
    vectors = {
        character: torch.randn(
            FEATURES, generator=torch.Generator().manual_seed(ord(character)), dtype=torch.float64
        )
        for character in set(text)
    } | {BLANK: torch.zeros(FEATURES, dtype=torch.float64)}
    return torch.stack([vectors[character] for character in text])


def draw_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Fill all weights, in the order of `parameters()`, uniformly within PyTorch's own bounds."""
    module.double().to_empty(device="cpu")
    with torch.no_grad():
        for layer in module.modules():
            weights = list(layer.parameters(recurse=False))
            bound = weights[0][0].numel() ** -0.5 if weights else 0
            for weight in weights:
                weight.uniform_(-bound, bound, generator=generator)
