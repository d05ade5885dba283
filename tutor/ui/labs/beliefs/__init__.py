"""Beliefs about hidden states: what a network holds, beside the ideal predictor."""
