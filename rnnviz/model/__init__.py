"""Models: input vectors, a recurrent layer or a network without memory, a head.

model = build_for(task, ModelSpec("gru", hidden=16), generator)
model.training_output(batch)  # in training: dropout, teacher forcing
model.predict(batch)          # in evaluation: decodes greedily
"""

from rnnviz.model.beam import Hypothesis
from rnnviz.model.build import (
    Model,
    build,
    build_for,
    count_parameters,
    multiply_adds,
    same_parameters,
    trainable,
)
from rnnviz.model.encoder_decoder import EncoderDecoder
from rnnviz.model.feedforward import ConvolutionModel, DenseModel
from rnnviz.model.sequence import SequenceModel
from rnnviz.model.spec import Family, IOSpec, ModelSpec

__all__ = [
    "ConvolutionModel",
    "DenseModel",
    "EncoderDecoder",
    "Family",
    "Hypothesis",
    "IOSpec",
    "Model",
    "ModelSpec",
    "SequenceModel",
    "build",
    "build_for",
    "count_parameters",
    "multiply_adds",
    "same_parameters",
    "trainable",
]
