"""A coin that a visitor flips before an ideal predictor with a prior and a prompt: its belief, and what it expects of every flip."""

from typing import NamedTuple

import streamlit as st

from tutor.analysis import run_states
from tutor.figures import Prediction, belief_picture, flips_picture
from tutor.measure import belief
from tutor.sources import AbstractSource
from tutor.ui.plot import draw_picture
from tutor.ui.run_views import cached_states, catalog
from tutor.ui.shell import page_facts, url_state
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.widgets import coin_flips, forms

TEXT = PageText("bayes")


class PromptedPredictor(NamedTuple):
    """An ideal predictor's prior, and the prompt in front of what it sees (heads 0, tails 1)."""

    prior: AbstractSource
    prompt: tuple[int, ...]


class FlippedCoin(NamedTuple):
    """The predictor's prior, the bias of the coin in play, the prompt, and the flips so far (heads 0, tails 1)."""

    prior: AbstractSource
    bias: float
    prompt: tuple[int, ...]
    tokens: tuple[int, ...]


@section()
def ask_predictor() -> PromptedPredictor | None:
    """Draw the controls for prior and prompt; None, with a note, where the prior is not about coins."""
    prior = forms.ask_source("bayes_prior", "Prior: the coins the predictor expects")
    prompt = coin_flips.ask_prompt("Prompt: flips put in front", "bayes_prompt",
                              help="Up to 24 letters H and T, such as TTTHTT. The predictor takes them for flips that it has seen.")
    if prior is None or prior.vocab != 2:
        st.info("This page flips coins: choose a prior with two sides to go on.")
        return None
    return PromptedPredictor(prior, prompt)


@section()
def flip_coin(asked: PromptedPredictor) -> FlippedCoin:
    """Draw the controls of the coin: its bias, and buttons that flip it."""
    bias = st.slider("Coin in play: probability of heads", 0.0, 1.0, 0.2, 0.05, key="bayes_coin", bind="query-params",
                     help="The buttons below flip this coin. The predictor does not know its value.")
    return FlippedCoin(asked.prior, bias, asked.prompt, coin_flips.flip_buttons("bayes", bias))


@section()
def show_belief(flipped: FlippedCoin) -> None:
    """Draw the prior, the belief after the prompt, and the posterior after the flips."""
    prior, bias, prompt, tokens = flipped
    seen = (*prompt, *tokens)
    counts = (seen.count(0), seen.count(1))
    layers = {"prior": (0, 0), "after the prompt": (prompt.count(0), prompt.count(1)), "posterior": counts}
    shown = {name: n for name, n in layers.items() if (prompt or name != "after the prompt") and (seen or name == "prior")}
    predicted = belief.predict_next(prior, counts)
    page_facts.record_facts(flips=len(tokens), heads=tokens.count(0), tails=tokens.count(1), prompt_heads=prompt.count(0),
                    prompt_tails=prompt.count(1), predicted=predicted, coin=bias)
    drawn = belief_picture([(name, belief.posterior(prior, n)) for name, n in shown.items()], truth=bias, predicted=predicted)
    draw_picture(drawn, key="bayes_belief")


@section()
def show_predictions(flipped: FlippedCoin) -> None:
    """Draw the ideal predictor's probability of heads at every flip, with and without the prompt, and that of a trained network."""
    prior, bias, prompt, tokens = flipped
    predictions = [Prediction("ideal predictor", belief.predict_each_flip(prior, tokens))]
    if prompt:
        predictions.append(Prediction("ideal, behind your prompt", belief.predict_each_flip(prior, tokens, prompt)))
    known = {key: one for key, one in catalog.list_pretrainings().items() if one.spec.source == prior and one.spec.recipe.steps}
    if known and st.toggle("Let a trained network predict the same flips", key="bayes_network", bind="query-params",
                           help="The network reads the prompt, then the flips."):
        chosen = url_state.choose_option("Network", list(known), "bayes_run", named=lambda key: catalog.run_name(known[key]))
        with section():
            heads = run_states.predict_heads(cached_states.load_network(chosen), tokens, prompt)
            predictions.append(Prediction(known[chosen].spec.body.label, heads, network=True))
    draw_picture(flips_picture(tokens, predictions, truth=bias), key="bayes_flips")
    TEXT.caption("predictors")
