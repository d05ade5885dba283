"""A stored finding in words: what was measured, and what it must be."""

from collections.abc import Mapping


def finding_text(check: Mapping) -> str:
    """Write the middle of a finding with its interval and unit, as "0.0211 (0.017 to 0.029) nats"."""
    middle, (low, high) = _number(check["middle"]), check["interval"]
    if low is None and high is None:                  # too few networks for an interval
        spread = "" if len(set(check["values"])) == 1 else f" ({_number(min(check['values']))} to {_number(max(check['values']))})"
    else:
        spread = "" if low == high else f" ({_number(low)} to {_number(high)})"
    return f"{middle}{spread} {check['unit']}".strip()


def region_text(check: Mapping) -> str:
    """Write where a statement is true, as "at most 0.05"."""
    low, high = check["low"], check["high"]
    if low is None:
        return "anything" if high is None else f"at most {_number(high)}"
    if high is None:
        return f"at least {_number(low)}"
    return f"exactly {_number(low)}" if low == high else f"from {_number(low)} to {_number(high)}"


def _number(value: float | None) -> str:
    return "unbounded" if value is None else f"{value:.3g}"
