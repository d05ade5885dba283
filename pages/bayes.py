"""Flip a coin and watch an ideal predictor learn; then give it a prompt and see what a prompt can and cannot do."""

import streamlit as st

from tutor import views
from tutor.figures import Prediction, Reach, belief_picture, flips_picture, pseudo_counts_picture, reach_picture
from tutor.measure import belief
from tutor.sources import PRESETS
from tutor.ui import address, catalog, facts, flips, forms, insides, numbers
from tutor.ui.frame import prose
from tutor.ui.picture import picture

AFTER = 50
TARGETS = {name: PRESETS[name] for name in ("Single coin 0.2", "Two coins 0.2 / 0.8")}

st.title("Bayes: what a prompt is, exactly")
prose("""An ideal predictor starts with a **prior** over coins, sees flips, and believes the **posterior**; its prediction of the next flip
is the posterior's mean. To such a predictor a prompt is nothing but **pseudo-flips**: flips that never happened. Flip the coin and watch.""")

main, side = st.columns([5, 3], gap="large")
with side:
    prior = forms.source("bayes_prior", "Prior: the coins the predictor expects")
    bias = st.slider("Coin in play: probability of heads", 0.0, 1.0, 0.2, 0.05, key="bayes_coin", bind="query-params",
                     help="The coin that the buttons below flip. The predictor is not told.")
    prefix = flips.typed("Prompt as pseudo-flips", "bayes_prompt", help="Up to 24 letters H and T that the predictor takes for flips, such as TTTHTT.")
    tokens = flips.buttons("bayes", bias)

if prior is None or prior.vocab != 2:
    st.info("This page flips coins: choose a prior with two sides to go on.")
    st.stop()

seen = (*prefix, *tokens)
counts = (seen.count(0), seen.count(1))
layers = {"prior": (0, 0), "after the prompt": (prefix.count(0), prefix.count(1)), "posterior": counts}
shown = {name: n for name, n in layers.items() if (prefix or name != "after the prompt") and (seen or name == "prior")}
predicted = belief.predictive(prior, counts)
facts.tell(flips=len(tokens), heads=tokens.count(0), prompt_heads=prefix.count(0), prompt_tails=prefix.count(1), predicted=predicted, coin=bias)
with main:
    picture(belief_picture([(name, belief.posterior(prior, n)) for name, n in shown.items()], truth=bias, predicted=predicted), key="bayes_belief")

predictions = [Prediction("ideal predictor", belief.flip_by_flip(prior, tokens))]
if prefix:
    predictions.append(Prediction("ideal, behind your prompt", belief.flip_by_flip(prior, tokens, prefix)))
known = {key: one for key, one in catalog.pretrainings().items() if one.spec.source == prior and one.spec.recipe.steps}
if known and st.toggle("Let a trained network predict the same flips", key="bayes_network", bind="query-params", help="The network reads the prompt, then the flips."):
    chosen = address.choose("Network", list(known), "bayes_run", named=lambda key: catalog.named(known[key]))
    with catalog.one_sentence():
        predictions.append(Prediction(known[chosen].spec.body.label, views.heads_predicted(insides.network(chosen), tokens, prefix), network=True))
picture(flips_picture(tokens, predictions, truth=bias), key="bayes_flips")
st.caption("What each predictor expects of the next flip. The papers call the ideal predictor **PreBayes**, and behind the best prompt **PreBayesPT**.")

st.header("What your prompt is worth")
prose(f"""A prompt is judged by **regret**: the extra loss, in nats, over somebody who knows the coin, summed over the first {AFTER} flips and
averaged over all sequences - exactly, by counting, without sampling. Type a prompt above to see its cost on both targets.""")
columns = st.columns(len(TARGETS))
for column, (name, target) in zip(columns, TARGETS.items(), strict=True):
    with column, catalog.one_sentence():
        plain, mine = numbers.behind_prompts(prior, target, [(), prefix], AFTER)
        best = numbers.behind_prompts(target, target, [()], AFTER)[0]
        facts.tell(**{"regret_one" if name.startswith("Single") else "regret_two": float(mine)})
        st.metric(f"Regret on {name.lower()}", f"{mine:.3f} nats", f"{mine - plain:+.3f} against no prompt" if prefix else None, delta_color="inverse",
                  help=f"Without a prompt {plain:.3f}; the ideal predictor of this target {best:.3f}.")

st.header("Why one prompt cannot make two coins")
prose("""With **one** coin as the target, more pseudo-flips in the coin's own proportion bring the predictor as close to the optimum as you like.
With **two** coins (0.2 or 0.8, one drawn per sequence) the best prompt is the shortest: flips only sharpen a belief around one bias, they never
give it two peaks. The dotted lines are what a predictor made for the target reaches; no prompt of flips closes that gap.""")
longest = st.slider("Longest prompt", 2, 16, 12, key="bayes_longest", bind="query-params", help="Every prompt up to this length is tried, exactly.")
with catalog.one_sentence():
    reaches = {name: numbers.reach(prior, target, min(max(longest, 2), 16), AFTER) for name, target in TARGETS.items()}
    picture(reach_picture([Reach(name, r.lengths, r.best, r.regret, r.floor) for name, r in reaches.items()], flips=AFTER), key="bayes_reach", link="bayes")
    facts.tell(longest=longest, best_two_coins=float(reaches["Two coins 0.2 / 0.8"].regret.min()))
    of_six = [(0,) * heads + (1,) * (6 - heads) for heads in range(7)]
    six = {name: numbers.behind_prompts(prior, target, of_six, AFTER) for name, target in TARGETS.items()}
    st.subheader("Six pseudo-flips, by how many are heads")
    picture(pseudo_counts_picture(six, flips=AFTER), key="bayes_six", link="bayes")
st.caption("Genewein et al. 2025, section 3. Tuned networks can leave these lines, since their prompts are vectors and not flips: see Tune and Regret.")
with st.container(horizontal=True):
    catalog.link("pretrain", "Next: train a network to become this predictor", "arrow_forward")
    catalog.link("tune", "Or look what tuned prompts do", "tune")
