"""The smallest runs that still go through everything: a second to compute, the same machinery as the real ones."""

from tutor import methods, predictors, sources
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import regret_row
from tutor.studies.study import AbstractStudy
from tutor.training.recipe import Recipe

COINS, COIN = sources.DirichletCategorical(), sources.Categorical()
LISTS = sources.Lists(items=4, digits=4)
QUICK = Evaluation(length=20, sequences=16)


def pretraining(*, steps: int = 12, seed: int = 0, **recipe) -> RunSpec:
    """A width-4 LSTM on random coins."""
    settings = {"steps": steps, "batch": 4, "length": 8} | recipe
    return RunSpec(source=COINS, body=predictors.LSTM(width=4), recipe=Recipe(**settings), evaluation=QUICK, seeds=Seeds(pretrain=seed))


def tuning(base: RunSpec | None = None, *, method=None, steps: int = 8, repetitions: int = 2) -> RunSpec:
    """That network tuned to a single coin."""
    base = base or pretraining()
    return RunSpec(source=base.source, body=base.body, recipe=base.recipe, evaluation=base.evaluation,
                   method=method or methods.SoftPT(length=2), on=COIN, tuning=Recipe(steps=steps, batch=4, length=8),
                   seeds=Seeds(pretrain=base.seeds.pretrain, repetitions=repetitions))


def list_prefix(task: str = "descending", *, length: int = 2) -> RunSpec:
    """Two layers of width 8 that saw four list tasks for a moment, and a prefix for one of them."""
    recipe = Recipe(steps=8, batch=4, length=LISTS.natural_length)
    return RunSpec(source=LISTS, body=predictors.GPT2(width=8, layers=2, context=16), recipe=recipe, evaluation=QUICK,
                   method=methods.PrefixPT(length=length), on=sources.Lists(items=4, digits=4, tasks=(task,)), tuning=recipe)


class SmallStudy(AbstractStudy):
    """A study of one tuning, which counts as six networks although there is one."""

    name, title, claim, source = "small", "A small study", "tuning helps", "this test"
    plan = Plan(primary="regret is finite", scope="a test", looks=(6,), budget="a second")
    ledger = (Change("2026-11-30", "made"),)
    paper_settings = True

    def specs(self, preset):
        evaluation = Evaluation(length=200, sequences=16)
        return [tuning(steps=8 if preset.name == "fast" else 9).model_copy(update={"evaluation": evaluation})]

    def rows(self, preset, load):
        return [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows):
        return [Check("regret is finite", rows[0].after(200), "arithmetic", high=1e6, role="primary")]
