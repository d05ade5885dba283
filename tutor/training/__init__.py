"""How a predictor is trained: the recipe and the only optimisation loop."""
