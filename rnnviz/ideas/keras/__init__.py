"""One model in Keras, in PyTorch, and as the book of 2018 wrote it; and where they differ."""
