"""A visitor's own language model."""
