"""Ticks of a logarithmic axis as the numbers that they stand for: 0.1, 0.2, 0.5, 1, where Plotly writes 0.1, 2, 5, 1."""

import math
from collections.abc import Iterable
from typing import Any


def plain(values: Iterable[float], most: int = 9) -> dict[str, Any]:
    """A logarithmic axis with ticks over the span of these values, all above zero: at 1, 2 and 5 times powers of ten or, where these are more than `most`, at powers alone."""
    kept = [value for value in values if value > 0]
    low, high = min(kept, default=0.1), max(kept, default=1.0)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1,)):
        ticks = [step * 10.0**power for power in powers for step in steps if low / 1.5 <= step * 10.0**power <= high * 1.5]
        if len(ticks) <= most:
            break
    return {"type": "log", "tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}
