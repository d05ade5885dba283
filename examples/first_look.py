# %% [markdown]
# # A first look
#
# A small network was pretrained on random coins: in every sequence the coin has another bias, and the network has to find out
# which. How near is it to the ideal predictor, and what does a prompt of six vectors do to it? The pretraining is shipped with the
# project; everything below takes some seconds. Losses are in nats.

# %%
from tutor import Recipe, evaluate, exact, figures, measure, methods, predictors, pretrain, sources, tune
from tutor.studies import FAST

coins, target = sources.DirichletCategorical(), sources.Categorical(probs=(0.2, 0.8))
base = pretrain(FAST.base(predictors.LSTM())).predictor
base

# %% [markdown]
# **Regret** is what a predictor loses over somebody who knows the coin, summed over the flips. On the coins that it was made for, the
# network loses hardly more than the ideal predictor has to: that is its *excess*.

# %%
evaluate(base, on=coins, length=100, n=128)

# %% [markdown]
# Now one coin that shows heads once in five. Whoever knew that would lose nothing; the network, which expects any coin, has to find
# it out. What can a prompt of six flips do at best? For the ideal predictor that can be computed exactly, without sampling.

# %%
prefix, regret = exact.best_hard_prefix(predictor=coins, on=target, prompt_length=6, length=50)
print("best six flips:", "".join("HT"[flip] for flip in prefix), f"regret {regret[-1]:.3f} nats after 50")
print(f"without them: {exact.cumulative_regret(predictor=coins, on=target, length=50)[-1]:.3f} nats")

# %% [markdown]
# A **soft prompt** is six vectors that need not be flips. They are tuned; no weight of the network changes.

# %%
tuned = tune(base, methods.SoftPT(length=6), on=target, recipe=Recipe.fast_tuning(), seed=0)
before, after = (evaluate(network, on=target, length=50, n=128) for network in (base, tuned))
print("no prompt:  ", before)
print("soft prompt:", after)

# %%
bayes = exact.baselines(pretrained=coins, on=target, length=50, prompt_length=6, tuned_length=50)
figures.regret_curves([
    figures.Curve("SoftPT", after.cumulative[None]), figures.Curve("NoTuning", before.cumulative[None]),
    *(figures.Curve(name, bayes[name][None], exact=True) for name in ("PreBayes", "PreBayesPT")),
])

# %% [markdown]
# The soft prompt says something that no six flips can say. What the vectors are *worth*, as flips that never happened, and how much of
# their effect no flips explain:

# %%
measure.fit_pseudo_counts(tuned, target)
