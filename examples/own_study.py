# %% [markdown]
# # A study of your own
#
# A study is a claim, the runs that bear on it, checks whose bounds are written down before the runs, and a plan: over how many pretrained
# networks it is decided. The networks differ in their seed. Its verdict is what they give: reproduced where the exact interval of the
# primary check lies on the right side of its bound, contradicted where it lies on the wrong one, else undecided. This one is small enough
# to be computed while you wait.

# %%
from pathlib import Path
from tempfile import mkdtemp

from tutor import Evaluation, Recipe, RunSpec, RunStore, Seeds, methods, predictors, pretrain, sources, studies
from tutor.studies.checks import Check, Plan
from tutor.studies.measured_rows import regret_row
from tutor.studies.study import AbstractStudy

COINS, COIN = sources.DirichletCategorical(), sources.Categorical(probs=(0.2, 0.8))


class LongerIsBetter(AbstractStudy):
    name, title = "longer-is-better", "Does a longer prompt help?"
    claim = "A soft prompt of four vectors comes nearer to one coin than a single vector does."
    source = "an example"

    plan = Plan(primary="four vectors leave less regret than one", scope="an LSTM of width 16, within 50 flips", looks=(6,))

    def specs(self, preset):
        recipe = Recipe(steps=200, batch=8, length=40, learning_rate=1e-2, cosine=True, targets="bayes", stratified=True)
        return [RunSpec(source=COINS, body=predictors.LSTM(width=16), recipe=recipe, method=method, on=COIN,
                        tuning=Recipe(steps=80, batch=4, length=40, learning_rate=4e-2, cosine=True, targets="bayes"),
                        evaluation=Evaluation(sequences=64, stratified=True), seeds=Seeds(pretrain=preset.seed, tune=preset.seed))
                for method in (methods.SoftPT(length=1), methods.SoftPT(length=4))]

    def rows(self, preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows):
        short, long = (row.after(50) for row in rows)
        return [Check("four vectors are better than one", short - long, self.source, low=0.0, role="primary"),
                Check("four vectors come within half a nat", long, self.source, high=0.5)]


study = LongerIsBetter()
study.specs(studies.FAST)[1]

# %% [markdown]
# Compute its runs into a store of their own: those that it shows, and those of six more networks. Each network is pretrained once and
# tuned twice.

# %%
store = RunStore(Path(mkdtemp()))
for spec in studies.list_missing(study, studies.FAST, store):
    run = pretrain(spec, store)
    if spec.is_tuning:
        median = run.summary["regret"]["0"]["median"][0]      # after 50 flips; the others are after 100 and 200
        print(f"seed {spec.seeds.pretrain}, {spec.method}: {median:.3f} nats after 50 flips, {run.summary['trainable']} numbers tuned")

# %% [markdown]
# The result is kept in the store, beside the runs that it was made from. The primary check decides; the other one is shown beside it.

# %%
studies.make_result(study, studies.FAST, store)

# %% [markdown]
# With its file in `tutor/studies/` and a line in `STUDIES` the same study is computed by `prompt-tutor study longer-is-better`, listed with
# its cost by `prompt-tutor study --list`, and shown on the page of its `lab`.
