"""Scenes about an ideal predictor of coin flips: what it believes of one coin, and which prompts help on two."""

from typing import Any

import streamlit as st

from tutor.analysis import run_states
from tutor.figures import BestPromptCurve, belief_picture, reach_picture
from tutor.measure import belief
from tutor.sources import PRESETS, AbstractSource
from tutor.ui.labs.coins import ideal_prompts
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import Scene, ScenePlace, SceneSetting
from tutor.ui.widgets import coin_flips

PRIOR: AbstractSource = PRESETS["Random coins"]
"""The coins that the ideal predictor expects: every bias is equally likely."""


def _are_flips(text: str) -> bool:
    return len(text) <= coin_flips.MAX_FLIPS and not set(text) - {"H", "T"}


def _flip(place: str, bias: float, more: str) -> None:
    """Add these flips, or fifty of a coin with this bias where `more` is empty."""
    fifty = coin_flips.spell_letters(tuple(run_states.draw_flips(bias, 50)))
    st.session_state[place] = (st.session_state[place] + (more or fifty))[: coin_flips.MAX_FLIPS]


def draw_coin(place: ScenePlace) -> dict[str, Any]:
    """Draw what an ideal predictor believes of a coin, with buttons that flip it."""
    flips, bias = place.value("flips"), place.value("coin")
    with place.line(f"The coin shows heads {bias:.0%} of the time."):
        for label, more in (("Heads", "H"), ("Tails", "T"), ("Flip 50", "")):
            st.button(label, key=place.key(label.lower().replace(" ", "_")), on_click=_flip, args=(place.key("flips"), bias, more),
                      disabled=place.asking)
    counts = flips.count("H"), flips.count("T")
    predicted = belief.predict_next(PRIOR, counts)
    layers = {"before any flip": (0, 0)} | ({"after the flips": counts} if flips else {})
    picture = belief_picture([(name, belief.posterior(PRIOR, n)) for name, n in layers.items()], truth=bias, predicted=predicted)
    picture.drawing.x(title={"text": "how often a coin shows heads"}).y(title={"text": "how likely such a coin is"})
    place.show(picture)
    return {"flips": len(flips), "heads": counts[0], "tails": counts[1], "predicted": predicted, "coin": bias}


def draw_two_coins(place: ScenePlace) -> dict[str, Any]:
    """Draw the least loss that the best prompt of each length leaves an ideal predictor: on one coin, and on a bag with two."""
    longest = place.slide("Longest prompt", "longest", (2, 16, 1), "%d flips")
    one, two = (ideal_prompts.find_reach(PRIOR, target, longest) for target in ideal_prompts.TARGETS.values())
    names = {"one coin, 20 %": one, "two coins, 20 % or 80 %": two}
    curves = [BestPromptCurve(name, found.lengths, found.best, found.regret, found.floor) for name, found in names.items()]
    picture = reach_picture(curves, flips=ideal_prompts.AFTER)
    picture.drawing.x(title={"text": "flips in the prompt"}).y(title={"text": f"lost after {ideal_prompts.AFTER} flips (nats)"})
    place.show(picture)
    return ideal_prompts.reach_facts(longest, one, two)


COIN = Scene(
    draw_coin, list_kinds(number="flips heads tails", share="predicted coin"),
    {"flips": SceneSetting("", check=_are_flips, reads=f"up to {coin_flips.MAX_FLIPS} letters H and T"),
     "coin": SceneSetting(0.8, between=(0.0, 1.0))},
)
TWO_COINS = Scene(
    draw_two_coins,
    list_kinds(number="longest best_one_coin best_two_coins no_prompt_two_coins best_length_two_coins optimum_two_coins"),
    {"longest": SceneSetting(4, between=(2, 16))},
)
