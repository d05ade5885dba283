"""Flipping coins by hand: buttons that write the flips into the address, so that a link carries them."""

import streamlit as st

from tutor import views

MOST = 400
FIRST = "TTHTTTTHTT"  # what a visitor finds flipped already
LONGEST_PROMPT = 24
PACE = 0.7  # seconds between flips that come by themselves


def typed(label: str, key: str, *, help: str) -> tuple[int, ...]:
    """A prompt typed as letters; what is no flip is said beside the widget and left out."""
    text = (
        st.text_input(label, key=key, bind="query-params", max_chars=LONGEST_PROMPT, placeholder="none, or for example TTTHTT", help=help)
        or ""
    )
    wrong = sorted({letter for letter in text.upper() if letter not in "HT"})
    if wrong:
        st.error(f"The prompt is '{text[:LONGEST_PROMPT]}'; only the letters H and T are allowed.")
        return ()
    return read(text)[:LONGEST_PROMPT]


def read(text: str) -> tuple[int, ...]:
    """Letters H and T as tokens 0 and 1; everything else is passed over."""
    return tuple("HT".index(letter) for letter in text.upper() if letter in "HT")


def written(tokens: tuple[int, ...]) -> str:
    """Tokens 0 and 1 as letters."""
    return "".join("HT"[token] for token in tokens)


def buttons(key: str, bias: float) -> tuple[int, ...]:
    """Buttons to flip, undo and start again, and the flips so far (they live in the address as `<key>_flips`)."""
    place = f"{key}_flips"
    tokens = read(st.query_params.get(place, FIRST))[:MOST]

    def put(flips) -> None:
        st.query_params[place] = written(flips[:MOST]) or "-"

    def fresh(n: int) -> None:
        put((*tokens, *views.random_flips(bias, n)))

    with st.container(horizontal=True):
        st.button(
            "Heads",
            on_click=put,
            args=((*tokens, 0),),
            key=f"{key}_heads",
            icon=":material/radio_button_checked:",
            help="Add one heads by hand",
        )
        st.button(
            "Tails",
            on_click=put,
            args=((*tokens, 1),),
            key=f"{key}_tails",
            icon=":material/radio_button_unchecked:",
            help="Add one tails by hand",
        )
        st.button("Undo", on_click=put, args=(tokens[:-1],), key=f"{key}_undo", disabled=not tokens)
    with st.container(horizontal=True):
        for n in (1, 10, 50):
            st.button(
                f"Flip {n}", on_click=fresh, args=(n,), key=f"{key}_flip_{n}", help=f"{n} flip{'s' if n > 1 else ''} of the coin in play"
            )
        st.button("Reset", on_click=put, args=((),), key=f"{key}_reset", disabled=not tokens)
    running = st.toggle("Let it run", key=f"{key}_running", disabled=len(tokens) >= MOST)
    if running and len(tokens) < MOST:
        st.fragment(_tick, run_every=PACE, key=f"{key}_tick")(place, len(tokens), bias)
    heads = tokens.count(0)
    st.caption(f"{heads} heads in {len(tokens)} flips" + (f": `{written(tokens)[-40:]}`" if tokens else ". Flip to begin."))
    return tokens


def _tick(place: str, known: int, bias: float) -> None:
    # The first call belongs to the page's own run; only the timer's calls flip.
    tokens = read(st.query_params.get(place, ""))
    if st.session_state.get("flips_ticked") == known and len(tokens) == known:
        st.query_params[place] = written((*tokens, *views.random_flips(bias, 1)))
        st.rerun()
    st.session_state["flips_ticked"] = known
