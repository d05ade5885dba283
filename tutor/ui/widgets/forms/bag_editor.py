"""Ask for a bag of coins: pulled up with the mouse, typed as digits, chosen by shape, or taken from a file of flips."""

import re

import streamlit as st

from tutor.figures import bag_picture
from tutor.sources import Mixture, bags
from tutor.ui.plot import draw_picture

SHAPES = {
    "flat": "9" * 20,
    "two camps": "00159510000001595100",
    "mostly fair": "00000012479974210000",
    "never fair": "97421000000000012479",
}


def ask_bag(key: str) -> Mixture:
    """Draw the editor of a bag of coins and return it; `key` is the parameter of the address that holds its heights as digits."""
    digits = st.query_params.get(key, SHAPES["two camps"])
    if not re.fullmatch(f"[0-{bags.HIGHEST}]{{{bags.COINS}}}", digits) or not digits.strip("0"):
        digits = SHAPES["two camps"]
    heights = [int(digit) for digit in digits]

    def pulled(_: list[float], tops: list[float]) -> None:
        if len(tops) == bags.COINS:
            _put(key, [round(min(max(top, 0), bags.HIGHEST)) for top in tops])

    with st.container(border=True):
        draw_picture(
            bag_picture(bags.list_biases(), heights, highest=bags.HIGHEST),
            key=f"{key}_bag",
            handle={"trace": 0, "only": "y", "step": 1},
            on_moved=pulled,
        )
        with st.container(horizontal=True):
            for name, shape in SHAPES.items():
                st.button(name, key=f"{key}_{name.replace(' ', '_')}", on_click=_put, args=(key, [int(digit) for digit in shape]))
        exactly = st.expander("By digits, or from a file")
        st.session_state[f"{key}_digits"] = digits
        exactly.text_input("Heights as digits", key=f"{key}_digits", max_chars=bags.COINS, on_change=_typed, args=(key,),
                      help=f"{bags.COINS} digits from 0 to {bags.HIGHEST}: how many coins of bias 0.025, 0.075, ..., 0.975 are in the bag.")
        if said := st.session_state.pop(f"{key}_said", None):
            st.error(said)
        with exactly:
            _upload(key)
    return bags.make_bag(heights)


def _typed(key: str) -> None:
    digits = st.session_state[f"{key}_digits"].strip()
    if re.fullmatch(f"[0-{bags.HIGHEST}]{{{bags.COINS}}}", digits) and digits.strip("0"):
        st.query_params[key] = digits
    else:
        st.session_state[f"{key}_said"] = (f"The heights are '{digits}'; they must be {bags.COINS} digits from 0 to {bags.HIGHEST}, not "
                                           "all of them 0.")


def _upload(key: str) -> None:
    file = st.file_uploader("Or take the coins from recorded flips (CSV)", type=["csv", "tsv", "txt"], key=f"{key}_file", max_upload_size=1,
                            help="A line per coin, a cell per flip: H or 1 for heads, T or 0 for tails; a single column is one coin. "
                                 "The bag becomes what an ideal predictor believes of these coins.")
    if file is None or st.session_state.get(f"{key}_read") == file.file_id:
        return
    st.session_state[f"{key}_read"] = file.file_id
    try:
        lines = bags.parse_flips(file.getvalue())
    except ValueError as error:
        st.error(f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return
    _put(key, bags.heights_of(lines))
    whose = f"{len(lines):,} coins" if len(lines) > 1 else "one coin: a single column, or a single line, is one coin"
    st.toast(f"Read {sum(map(len, lines)):,} flips of {whose}.", icon=":material/upload_file:")
    st.rerun()


def _put(key: str, heights: list[int]) -> None:
    if not any(heights):
        st.session_state[f"{key}_said"] = "At least one coin must stay in the bag."
    else:
        st.query_params[key] = "".join(map(str, heights))
