"""A number that a learner guesses, as people write it: 0.3, 0,3, 40 nats; and a share as 90, 90 %, or 0.9."""

import math
import re

NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")


def parse_guess(text: str, *, share: bool, unit: str = "", between: tuple[float, float]) -> float:
    """Parse a guess as the learner typed it; shares come back as fractions of 1.

    Parameters
    ----------
    text
        A number such as "0.3", "0,3" or "40 nats". A share may carry a % sign; without one, a share above 1 counts as per cent.
    share
        Whether the number is a share.
    unit
        A unit that may follow the number.
    between
        Lowest and highest guess allowed, of a share as fractions of 1.

    Raises
    ------
    ValueError
        Where `text` is no number or lies outside `between`; the message names what is allowed.
    """
    said = text.strip().replace("\N{MINUS SIGN}", "-")
    bare = said.removesuffix(unit).strip() if unit else said
    percent = share and bare.endswith("%")
    bare = bare.removesuffix("%").strip() if share else bare
    if not NUMBER.fullmatch(bare):
        raise ValueError(f"the guess is '{text.strip()[:40]}'; it must be {describe_range(share=share, unit=unit, between=between)}")
    number = float(bare.replace(",", "."))
    number = number / 100 if percent or (share and abs(number) > 1) else number
    if not (math.isfinite(number) and between[0] <= number <= between[1]):
        mine = format_guess(number, share=share, unit=unit)
        raise ValueError(f"the guess is {mine}; it must be {describe_range(share=share, unit=unit, between=between)}")
    return number


def describe_range(*, share: bool, unit: str, between: tuple[float, float]) -> str:
    """Describe in words which guesses are allowed; `between` holds fractions of 1 where the guess is a share."""
    low, high = between
    if share:
        return f"a share from {low:.0%} to {high:.0%}, such as 40 % or 0.4"
    return f"a number from {low:g} to {high:g}" + (f" {unit}" if unit else "")


def format_guess(number: float, *, share: bool, unit: str) -> str:
    """Format a number for display beside a guess: a share in per cent, any other number with its unit."""
    if share:
        return f"{100 * number:.3g} %"
    return (f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}") + (f" {unit}" if unit else "")
