"""Flipping coins by hand: buttons that write the flips into the address, so that a link carries them."""

import streamlit as st

from tutor.analysis import run_states
from tutor.ui.shell import sections

MAX_FLIPS = 400
FIRST = "TTHTTTTHTT"  # what a visitor finds flipped already
LONGEST_PROMPT = 24
PACE = 0.7  # seconds between flips that come by themselves


def ask_prompt(label: str, key: str, *, help: str) -> tuple[int, ...]:
    """Draw a text field for a prompt of flips and return its tokens (heads 0, tails 1).

    Parameters
    ----------
    key
        Key of the widget and name of the parameter in the address.

    Returns
    -------
    tuple of int
        Empty, with an error on the page, where the text has other letters than H and T.
    """
    text = (
        st.text_input(label, key=key, bind="query-params", max_chars=LONGEST_PROMPT, placeholder="none, or for example TTTHTT", help=help)
        or ""
    )
    wrong = sorted({letter for letter in text.upper() if letter not in "HT"})
    if wrong:
        st.error(f"The prompt is '{text[:LONGEST_PROMPT]}'; only the letters H and T are allowed.")
        return ()
    return parse_letters(text)[:LONGEST_PROMPT]


def parse_letters(text: str) -> tuple[int, ...]:
    """Translate the letters H and T into tokens 0 and 1; all other characters are ignored."""
    return tuple("HT".index(letter) for letter in text.upper() if letter in "HT")


def spell_letters(tokens: tuple[int, ...]) -> str:
    """Translate tokens 0 and 1 into the letters H and T."""
    return "".join("HT"[token] for token in tokens)


def flip_buttons(key: str, bias: float) -> tuple[int, ...]:
    """Draw buttons that flip a coin, undo and reset, and return the flips so far.

    Parameters
    ----------
    key
        Prefix of the widgets' keys; the flips are in the address as `<key>_flips`.
    bias
        Probability of heads of the coin in play.
    """
    place = f"{key}_flips"
    tokens = parse_letters(st.query_params.get(place, FIRST))[:MAX_FLIPS]
    with st.container(horizontal=True):
        for token, name, icon in ((0, "Heads", "radio_button_checked"), (1, "Tails", "radio_button_unchecked")):
            add = {"on_click": _put, "args": (place, (*tokens, token)), "help": f"Add one {name.lower()} by hand"}
            st.button(name, key=f"{key}_{name.lower()}", icon=f":material/{icon}:", **add)
        st.button("Undo", on_click=_put, args=(place, tokens[:-1]), key=f"{key}_undo", disabled=not tokens)
    with st.container(horizontal=True):
        for n in (1, 10, 50):
            told = f"{n} flip{'s' if n > 1 else ''} of the coin in play"
            st.button(f"Flip {n}", on_click=_flip, args=(place, tokens, bias, n), key=f"{key}_flip_{n}", help=told)
        st.button("Reset", on_click=_put, args=(place, ()), key=f"{key}_reset", disabled=not tokens)
    running = st.toggle("Let it run", key=f"{key}_running", disabled=len(tokens) >= MAX_FLIPS)
    if running and len(tokens) < MAX_FLIPS:
        sections.fragment(_tick, run_every=PACE, key=f"{key}_tick")(place, len(tokens), bias)
    told = f": `{spell_letters(tokens)[-40:]}`" if tokens else ". Flip to begin."
    st.caption(f"{tokens.count(0)} heads in {len(tokens)} flips{told}")
    return tokens


def _put(place: str, tokens: tuple[int, ...]) -> None:
    st.query_params[place] = spell_letters(tokens[:MAX_FLIPS]) or "-"


def _flip(place: str, tokens: tuple[int, ...], bias: float, n: int) -> None:
    _put(place, (*tokens, *run_states.draw_flips(bias, n)))


def _tick(place: str, known: int, bias: float) -> None:
    # The first call belongs to the page's own run; only the timer's calls flip.
    tokens = parse_letters(st.query_params.get(place, ""))
    if st.session_state.get("flips_ticked") == known and len(tokens) == known:
        _flip(place, tokens, bias, 1)
        st.rerun()
    st.session_state["flips_ticked"] = known
