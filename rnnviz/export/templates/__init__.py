"""Templates of exported scripts: each is a program that can be read, linted and type-checked."""
