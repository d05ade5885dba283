"""Tokens that a visitor types or clicks, for a network and the ideal predictor to read."""

import re

import streamlit as st

from tutor.measure.belief_readings import LONGEST
from tutor.ui.shell import url_state

PLACE, HELD = "beliefs_tokens", "beliefs_typed"
FIRST = "0110"
"""What a visitor finds typed already: tokens that every source has."""
NONE = "-"
MANY = 10
"""From so many tokens on a token may need two digits, so that spaces stand between them."""


def ask_tokens(vocab: int) -> tuple[int, ...]:
    """Draw a text field for tokens, a button for each token, and one that takes the last back.

    Returns
    -------
    tuple of int
        At most LONGEST tokens; empty, with one sentence on the page, where the text holds anything else.
    """
    said, kept = st.query_params.get(PLACE), None if url_state.came_by_address() else st.session_state.get(HELD)
    wanted = next(text for text in (said, kept, FIRST) if text is not None)
    if st.session_state.get(HELD) != wanted:
        st.session_state[HELD] = wanted
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(f"Tokens to read, 0 to {vocab - 1}", key=HELD, on_change=_note, max_chars=3 * LONGEST, width=260,
                             help=f"Type them, or click; at most {LONGEST}.") or NONE
        try:
            tokens, wrong = parse_tokens(text, vocab), ""
        except ValueError as error:
            tokens, wrong = (), str(error)
        for token in range(min(vocab, MANY)):
            st.button(str(token), key=f"beliefs_add_{token}", on_click=_put, args=((*tokens, token), vocab),
                      disabled=len(tokens) >= LONGEST, help=f"Let both read token {token}.")
        st.button("Undo", key="beliefs_undo", on_click=_put, args=(tokens[:-1], vocab), disabled=not tokens)
    if wrong:
        st.error(wrong)
    return tokens


def parse_tokens(text: str, vocab: int) -> tuple[int, ...]:
    """The tokens of a text: digits one by one, or numbers with spaces or commas between them where there are more than ten.

    Raises
    ------
    ValueError
        Where a part is no token of a vocabulary of this size; more than LONGEST tokens are cut.
    """
    if text.strip() in ("", NONE):
        return ()
    parts = re.split(r"[\s,]+", text.strip(" ,")) if vocab > MANY else [letter for letter in text if letter not in " ,"]
    wrong = [part for part in parts if not (part.isascii() and part.isdigit() and int(part) < vocab)]
    if wrong:
        raise ValueError(f"The tokens hold '{wrong[0][:20]}'; this source has tokens 0 to {vocab - 1}.")
    return tuple(map(int, parts))[:LONGEST]


def _spell(tokens: tuple[int, ...], vocab: int) -> str:
    return (" " if vocab > MANY else "").join(map(str, tokens)) or NONE


def _note() -> None:
    st.query_params[PLACE] = st.session_state[HELD] or NONE


def _put(tokens: tuple[int, ...], vocab: int) -> None:
    st.query_params[PLACE] = st.session_state[HELD] = _spell(tokens[:LONGEST], vocab)
