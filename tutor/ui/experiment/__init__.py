"""The experiment: a prompt edited by hand in front of a network that runs in the visitor's browser, on a map of what it believes."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tutor.figures.palette import GREEN, HEADS, RED, TAILS
from tutor.training.recipe import Recipe
from tutor.ui.network.network_addresses import NETWORK, film_address, network_address
from tutor.ui.shell import config
from tutor.ui.shell.browser_modules import make_shim
from tutor.ui.shell.sections import section
from tutor.ui.widgets.prompt_editor import Rows, format_rows, parse_rows

__all__ = ["NETWORK", "draw_experiment", "list_facts", "make_headline", "read_answer"]
FIRST, COIN = "HTTTTT", 0.2
"""The prompt and the coin of a visitor whose address names none."""
LEAST, MOST = 0.05, 0.95
NUMBERS = ("heads", "tails", "unexplained", "regret", "without", "optimum", "predicted")
"""What the browser tells of a prompt, each a finite number."""

COLOURS = {"heads": HEADS, "tails": TAILS, "red": RED, "green": GREEN}
_component = st.components.v2.component("tutor_experiment", js=make_shim("experiment", "experiment.js"), isolate_styles=False)


def draw_experiment(  # noqa: PLR0913 - one experiment, and which of its parts are there
    key: str, network: str, *, rows: str = FIRST, coin: float = COIN, height: int | None = None, below: int = 0, tiles: bool = True,
    tune: bool = True, side: bool = True, tour: bool = False, bound: bool = True,
    on_made: Callable[[Rows], None] | None = None,
) -> dict[str, Any]:
    """Draw the experiment and return what stands in it, as facts.

    Parameters
    ----------
    key
        Key of the component; `<key>_prompt` and `<key>_coin` are its parameters in the address.
    network
        Key of a pretraining whose network runs in the page.
    rows, coin
        The prompt, such as "HTTTTT", and the probability of heads of the coin, where the address names none.
    height, below
        Pixels of the whole; None takes what the screen leaves above `below` pixels.
    tiles, tune, side
        Whether the prompt can be edited; whether there are the button *Tune* and the slider of the coin, without which the coin is always
        the given one; and whether the numbers stand beside the map (else under it).
    tour
        Whether it moves by itself until it is touched.
    bound
        Whether prompt and coin are written into the address.
    on_made
        Called with the vectors [K, 2] of a prompt that a visitor has made, before the page runs again.

    Returns
    -------
    dict
        prompt_heads, prompt_tails: what the prompt is made of. worth_heads, worth_tails: flips that it is worth. beyond_flips, regret,
        regret_without, optimum: nats. predicted, coin: probabilities of heads. tuned: whether its vectors are free. Numbers that come from
        the network are missing until the browser has answered.
    """
    now = _asked(key, rows), _asked_coin(key, coin) if tune else coin

    @section()
    def made() -> None:
        told = read_answer(st.session_state[key].get("made"))
        if told and on_made:
            on_made(told["rows"])
        if told and bound:
            st.query_params.update({f"{key}_prompt": format_rows(told["rows"])} | ({f"{key}_coin": f"{told['coin']:g}"} if tune else {}))

    parts = {"tiles": tiles, "tune": tune, "side": side, "tour": tour, "height": height, "below": below}
    asked = {"rows": now[0].tolist(), "prompt": format_rows(now[0]), "first": parse_rows(rows).tolist(), "coin": now[1]}
    data = parts | asked | {"network": network_address(network), "film": film_address(network), "steps": Recipe.fast_tuning().steps,
                            "pairs": config.dark_partners(), "colours": COLOURS}
    result = _component(key=key, data=data, default={"made": None}, on_made_change=made)
    return list_facts(*now, read_answer(result.made))


def make_headline() -> DeltaGenerator:
    """Make the place for the title of a page that an experiment fills; `frame.css` gives such a page little room and narrow margins."""
    return st.container(key="experiment_head")


def _asked(key: str, rows: str) -> Rows:
    """The prompt of the address; where it names none that can be read, the default."""
    found = parse_rows(st.query_params.get(f"{key}_prompt", ""))
    return parse_rows(rows) if found is None else found


def _asked_coin(key: str, coin: float) -> float:
    """The coin of the address, within its limits; where it names none that can be read, the default."""
    try:
        share = float(st.query_params.get(f"{key}_coin", coin))
    except ValueError:
        share = coin
    return min(max(share, LEAST), MOST) if math.isfinite(share) else coin


def read_answer(told: Any) -> dict[str, Any] | None:
    """Check what a browser tells of its prompt; None where it is not what `experiment.js` sends."""
    if not isinstance(told, Mapping) or not all(_number(told.get(name)) for name in (*NUMBERS, "coin")):
        return None
    rows = told.get("rows")
    pairs = isinstance(rows, list) and all(isinstance(row, list) and len(row) == 2 and all(map(_number, row)) for row in rows)
    text = ",".join(f"{heads}:{tails}" for heads, tails in rows) if pairs else ""
    checked = parse_rows(text)
    if checked is None or not LEAST <= told["coin"] <= MOST:
        return None
    return {name: float(told[name]) for name in (*NUMBERS, "coin")} | {"rows": checked, "tuned": told.get("tuned") is True}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def list_facts(rows, coin: float, told: Mapping[str, Any] | None) -> dict[str, Any]:
    """List the facts of an experiment, with the browser's numbers where it has told them of this very prompt and coin."""
    heads, tails = map(float, rows.sum(0))
    facts = {"vectors": len(rows), "prompt_heads": heads, "prompt_tails": tails, "coin": coin, "tuned": False}
    if told is None or format_rows(told["rows"]) != format_rows(rows) or told["coin"] != coin:
        return facts
    names = {"heads": "worth_heads", "tails": "worth_tails", "unexplained": "beyond_flips", "without": "regret_without"}
    return facts | {names.get(name, name): told[name] for name in NUMBERS} | {"tuned": told["tuned"]}
