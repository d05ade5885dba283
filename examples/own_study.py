# %% [markdown]
# # A study of your own
#
# A study is a claim, the runs that bear on it, and checks whose thresholds are written down before the runs. Its verdict is what the
# numbers give: reproduced, not reproduced, or inconclusive. This one is small enough to be computed while you wait.

# %%
from pathlib import Path
from tempfile import mkdtemp

from tutor import Evaluation, Recipe, RunSpec, RunStore, Seeds, methods, predictors, pretrain, sources, studies
from tutor.studies.measured_rows import Band, Check, regret_row
from tutor.studies.study import AbstractStudy

COINS, COIN = sources.DirichletCategorical(), sources.Categorical(probs=(0.2, 0.8))


class LongerIsBetter(AbstractStudy):
    name, title = "longer-is-better", "Does a longer prompt help?"
    claim = "A soft prompt of four vectors comes nearer to one coin than a single vector does."
    source = "an example"

    def specs(self, preset):
        recipe = Recipe(steps=200, batch=8, length=40, learning_rate=1e-2, cosine=True, targets="bayes", stratified=True)
        return [RunSpec(source=COINS, body=predictors.LSTM(width=16), recipe=recipe, method=method, on=COIN,
                        tuning=Recipe(steps=80, batch=4, length=40, learning_rate=4e-2, cosine=True, targets="bayes"),
                        evaluation=Evaluation(sequences=64, stratified=True), seeds=Seeds(repetitions=3))
                for method in (methods.SoftPT(length=1), methods.SoftPT(length=4))]

    def rows(self, preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows):
        short, long = (row.after(50) for row in rows)
        return [Check("four vectors are better than one", long, short, "below", self.source),
                Check("four vectors come within half a nat", long, Band.exactly(0.5), "below", self.source)]


study = LongerIsBetter()
study.specs(studies.FAST)[1]

# %% [markdown]
# Compute its runs into a store of their own. They share one pretraining, which is computed once.

# %%
store = RunStore(Path(mkdtemp()))
for spec in study.specs(studies.FAST):
    run = pretrain(spec, store)
    median = run.summary["regret"]["0"]["median"][0]          # after 50 flips; the others are after 100 and 200
    print(f"{spec.method}: {median:.3f} nats after 50 flips, {run.summary['trainable']} numbers tuned")

# %% [markdown]
# The result is kept in the store, beside the runs that it was made from. Where one of its statements fails, the claim is not reproduced,
# however well the other one holds.

# %%
studies.make_result(study, studies.FAST, store)

# %% [markdown]
# With its file in `tutor/studies/` and a line in `STUDIES` the same study is computed by `prompt-tutor study longer-is-better`, listed with
# its cost by `prompt-tutor study --list`, and shown on the page of its `lab`.
