"""Virtual tokens by hand on the Attention page: three fields for what one is to decide, each with the token and what it makes a network say."""

import re
from collections.abc import Mapping

import streamlit as st

from tutor import attending, constructions
from tutor.figures import Levels, Picture, Score, score_lines, table_bars
from tutor.figures.picture import listed
from tutor.studies.first_token import SPREADS, TRIED, WIDER, WORDS, tried
from tutor.ui import catalog
from tutor.ui.picture import picture

KEPT = {"max_entries": 128, "show_spinner": False}
PRINTABLE = tuple(chr(code) for code in range(32, 126))
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
PAIRS = tuple(f"{one}{two}" for one in range(4) for two in range(4))
LONGEST, LONGEST_WORD = 20, 12


def table_of(text: str, symbols: tuple[str, ...], count: tuple[int, int], what: str) -> list[int]:
    """The numbers of a text's signs among `symbols`. ValueError that says `what` is wrong where there are others, or too few or many."""
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


@st.cache_data(**KEPT)
def written(table: list[int]) -> str:
    """What the network set by hand writes behind the virtual token of a string."""
    network = constructions.string_writer(len(PRINTABLE), len(table))
    return "".join(PRINTABLE[value] for value in constructions.written(network, attending.sequence(table)[0], len(table)).tolist())


@st.cache_data(**KEPT)
def mapped(table: list[int], word: list[int]) -> str:
    """What the virtual token of a map of letters makes of a word."""
    network = constructions.symbol_map(len(LETTERS))
    return "".join(LETTERS[constructions.answered(network, attending.sequence(table)[0], attending.sequence([letter])[0])] for letter in word)


@st.cache_data(**KEPT)
def paired(table: list[int], pair: list[int]) -> str:
    """What the virtual token of a map of pairs answers to one pair."""
    return str(constructions.answered(constructions.pair_map(4), attending.sequence(table)[0], attending.sequence(pair)[0]))


def code(text: str) -> str:
    """A text as it was typed, as code: in more backticks than it has itself."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if fence != "`" else f"`{text}`"


def by_hand() -> None:
    """A string, a map of letters and a map of pairs."""
    left, middle, right = st.columns(3, gap="large")
    with left, catalog.one_sentence():
        text = st.text_input("Any string", "I love transformers!", key="attention_string", bind="query-params", max_chars=LONGEST) or ""
        table = table_of(text, PRINTABLE, (1, LONGEST), "the string")
        picture(table_bars(table, list(text), PRINTABLE), key="attention_written", height=260)
        st.markdown(f"Behind it the network writes **{code(written(table))}**")
    with middle:
        letters = st.text_input("Any map: what stands for a, b, c ...", "nopqrstuvwxyzabcdefghijklm", key="attention_map", bind="query-params", max_chars=len(LETTERS)) or ""
        word = st.text_input("A word to map", "prompt", key="attention_word", bind="query-params", max_chars=LONGEST_WORD) or ""
        with catalog.one_sentence():
            table = table_of(letters, LETTERS, (len(LETTERS),) * 2, "the map")
            picture(table_bars(table, LETTERS, LETTERS), key="attention_mapped", height=260)
            said = mapped(table, table_of(word, LETTERS, (1, LONGEST_WORD), "the word"))
            st.markdown(f"Behind it {code(word)} is answered by **{code(said)}**")
    with right:
        replies = st.text_input("Any map of pairs: 00, 01, ... 33", "0123123023013012", key="attention_pairs", bind="query-params", max_chars=len(PAIRS), help="The example adds modulo four.") or ""
        pair = st.text_input("A pair to map", "23", key="attention_pair", bind="query-params", max_chars=2) or ""
        with catalog.one_sentence():
            table = table_of(replies, tuple("0123"), (len(PAIRS),) * 2, "the map of pairs")
            picture(table_bars(table, PAIRS, tuple("0123")), key="attention_paired", height=260)
            said = paired(table, table_of(pair, tuple("0123"), (2, 2), "the pair"))
            st.markdown(f"Behind it {code(pair)} is answered by **{code(said)}**")


def counted(result: Mapping) -> Picture:
    """Different continuations by how many virtual tokens were tried, with the real ones as a level."""
    found = {row["method"]: Score(row["value"], row["q25"], row["q75"]) for row in result["rows"]}
    series = {f"random vectors, {spread:g} x as wide": {n: found[tried(n, spread)] for n in TRIED} for spread in SPREADS}
    return score_lines(series, across="vectors tried", measure="different continuations", levels=Levels({f"all {TRIED[1]} real words": found[WORDS].value}))


def finding(result: Mapping) -> str:
    """What as many virtual tokens as there are words, and many more, lead to, width by width, in words that follow the numbers."""
    value = {row["method"]: row["value"] for row in result["rows"]}
    words, narrow = value[WORDS], value[tried(TRIED[1], SPREADS[0])]
    compared = "fewer than" if narrow < words else "more than" if narrow > words else "as many as"
    wider = listed([f"{spread:g} times as wide to **{value[tried(TRIED[1], spread)]:.0f}**" for spread in SPREADS[1:]])
    return (f"The {TRIED[1]} real words lead to **{words:.0f}**. As many random vectors, drawn as wide as words, lead to **{narrow:.0f}**, {compared} the words do; drawn {wider}. "
            f"With {TRIED[-1]:,} vectors, drawn {WIDER:g} times as wide, there are **{value[tried(TRIED[-1], WIDER)]:,.0f}**.")
