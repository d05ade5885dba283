"""Virtual tokens by hand on the Attention page: three fields for what one is to decide, each with the token and what it makes a network
say."""

import math
import re
from collections.abc import Mapping

import streamlit as st

from tutor.analysis import prefix_attention
from tutor.figures import Picture, ReferenceLevels, Score, score_lines, table_bars
from tutor.figures.picture import join_names
from tutor.predictors import handmade
from tutor.studies.first_token import REAL, SPREADS, VECTORS_TRIED, WIDER
from tutor.studies.row_fields import find
from tutor.ui.plot import draw_picture
from tutor.ui.shell.sections import section

CACHE_OPTIONS = {"max_entries": 128, "show_spinner": False}
PRINTABLE = tuple(chr(code) for code in range(32, 126))
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
PAIRS = tuple(f"{one}{two}" for one in range(4) for two in range(4))
MAX_STRING, MAX_WORD = 20, 12
POWER = int(MAX_STRING * math.log10(len(PRINTABLE)))
"""Of ten: about as many strings of the longest kind there are."""


def parse_table(text: str, symbols: tuple[str, ...], count: tuple[int, int], what: str) -> list[int]:
    """Translate each character of a text into its index among `symbols`.

    Parameters
    ----------
    count
        Least and greatest number of characters.
    what
        Name of the text, for the error.

    Raises
    ------
    ValueError
        Where a character is not among the symbols, or there are too few or too many.
    """
    wrong = [sign for sign in text if sign not in symbols]
    if wrong:
        raise ValueError(f"{what} '{text[:30]}' has the sign '{wrong[0]}'; allowed are {_allowed(symbols)}")
    low, high = count
    if not low <= len(text) <= high:
        many = f"{low}" if low == high else f"{low} to {high}"
        raise ValueError(f"{what} has {len(text)} sign{'s' * (len(text) != 1)}; it must have {many}")
    return [symbols.index(sign) for sign in text]


def _allowed(symbols: tuple[str, ...]) -> str:
    return "letters, digits and signs of plain English" if symbols == PRINTABLE else f"{symbols[0]} to {symbols[-1]}"


@st.cache_data(**CACHE_OPTIONS)
def write_string(table: list[int]) -> str:
    """Return what the handmade network writes behind the virtual token of a string, given as indices in PRINTABLE."""
    network = handmade.make_string_writer(len(PRINTABLE), len(table))
    return "".join(PRINTABLE[value] for value in handmade.write_string(network, prefix_attention.as_batch(table)[0], len(table)).tolist())


@st.cache_data(**CACHE_OPTIONS)
def map_letters(table: list[int], word: list[int]) -> str:
    """Return how the handmade network maps a word behind the virtual token of a map of letters."""
    network = handmade.make_symbol_map(len(LETTERS))
    return "".join(LETTERS[handmade.answer_symbols(network, prefix_attention.as_batch(table)[0], prefix_attention.as_batch([letter])[0])]
                   for letter in word)


@st.cache_data(**CACHE_OPTIONS)
def map_pair(table: list[int], pair: list[int]) -> str:
    """Return how the handmade network answers one pair behind the virtual token of a map of pairs."""
    return str(handmade.answer_symbols(handmade.make_pair_map(4), prefix_attention.as_batch(table)[0], prefix_attention.as_batch(pair)[0]))


def as_code(text: str) -> str:
    """Format a text as Markdown code, with enough backticks for those that it contains."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if fence != "`" else f"`{text}`"


def show_handmade() -> None:
    """Draw the fields for a string, a map of letters and a map of pairs, each with its virtual token and the network's output."""
    left, middle, right = st.columns(3, gap="large")
    with left, section():
        text = st.text_input("Any string", "I love transformers!", key="attention_string", bind="query-params", max_chars=MAX_STRING) or ""
        table = parse_table(text, PRINTABLE, (1, MAX_STRING), "the string")
        draw_picture(table_bars(table, list(text), PRINTABLE), key="attention_written", height=260)
        st.markdown(f"Behind it the network writes **{as_code(write_string(table))}**")
    with middle:
        letters = st.text_input("Any map: what stands for a, b, c ...", "nopqrstuvwxyzabcdefghijklm", key="attention_map",
                                bind="query-params", max_chars=len(LETTERS)) or ""
        word = st.text_input("A word to map", "prompt", key="attention_word", bind="query-params", max_chars=MAX_WORD) or ""
        with section():
            table = parse_table(letters, LETTERS, (len(LETTERS),) * 2, "the map")
            draw_picture(table_bars(table, LETTERS, LETTERS), key="attention_mapped", height=260)
            said = map_letters(table, parse_table(word, LETTERS, (1, MAX_WORD), "the word"))
            st.markdown(f"Behind it {as_code(word)} is answered by **{as_code(said)}**")
    with right:
        replies = st.text_input("Any map of pairs: 00, 01, ... 33", "0123123023013012", key="attention_pairs", bind="query-params",
                                max_chars=len(PAIRS), help="The example adds modulo four.") or ""
        pair = st.text_input("A pair to map", "23", key="attention_pair", bind="query-params", max_chars=2) or ""
        with section():
            table = parse_table(replies, tuple("0123"), (len(PAIRS),) * 2, "the map of pairs")
            draw_picture(table_bars(table, PAIRS, tuple("0123")), key="attention_paired", height=260)
            said = map_pair(table, parse_table(pair, tuple("0123"), (2, 2), "the pair"))
            st.markdown(f"Behind it {as_code(pair)} is answered by **{as_code(said)}**")


def draw_counts(result: Mapping) -> Picture:
    """Draw the number of different continuations over the number of virtual tokens tried, with real words as a level."""
    def score(n: int, spread: float) -> Score:
        row = find(result["rows"], tried=n, spread=spread)
        return Score(row["value"], row["q25"], row["q75"])

    series = {f"random vectors, {spread:g} x as wide": {n: score(n, spread) for n in VECTORS_TRIED} for spread in SPREADS}
    words = find(result["rows"], tokens=REAL)["value"]
    return score_lines(series, across="vectors tried", measure="different continuations",
                       levels=ReferenceLevels({f"all {VECTORS_TRIED[1]} real words": words}))


def describe_counts(result: Mapping) -> str:
    """Describe how many continuations virtual tokens of each width lead to, beside real words."""
    value = {(n, spread): find(result["rows"], tried=n, spread=spread)["value"] for n in VECTORS_TRIED for spread in SPREADS}
    words, narrow = find(result["rows"], tokens=REAL)["value"], value[VECTORS_TRIED[1], SPREADS[0]]
    compared = "fewer than" if narrow < words else "more than" if narrow > words else "as many as"
    wider = join_names([f"{spread:g} times as wide to **{value[VECTORS_TRIED[1], spread]:.0f}**" for spread in SPREADS[1:]])
    return (
        f"The {VECTORS_TRIED[1]} real words lead to **{words:.0f}**. As many random vectors, drawn as wide as words, lead to "
        f"**{narrow:.0f}**, {compared} the words do; drawn {wider}. With {VECTORS_TRIED[-1]:,} vectors, drawn {WIDER:g} times "
        "as wide, there "
        f"are **{value[VECTORS_TRIED[-1], WIDER]:,.0f}**."
    )
