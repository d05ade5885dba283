"""Gain per parameter, and how little of it survives when losses are rounded before they are divided."""


def times_as_efficient(gain: float, parameters: int, soft_gain: float, soft_parameters: int) -> float:
    """How many times the gain per parameter of the pipeline a soft prompt has; gains in nats, unrounded."""
    return (soft_gain / soft_parameters) / (gain / parameters)


def ratio_within_rounding(gain: float, parameters: int, soft_gain: float, soft_parameters: int, *,
                    decimals: int = 2) -> tuple[float, float]:
    """Least and greatest ratio that gains rounded to `decimals` leave possible.

    The published 0.20 with 3,555,076 and 0.10 with 12,288 parameters give 144.7 when divided as they stand, and anything from 134 to
    156 before rounding, so the published 149 is possible and cannot be checked (facts: "Your Retriever Is Just Doing Prompt Tuning").
    """
    half = 0.5 * 10.0**-decimals
    return (times_as_efficient(gain + half, parameters, soft_gain - half, soft_parameters),
            times_as_efficient(gain - half, parameters, soft_gain + half, soft_parameters))
