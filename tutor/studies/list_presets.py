"""What the studies of list tasks share: the tasks, how large the networks are, and how long they are trained."""

from dataclasses import dataclass

from tutor.methods import AbstractMethod, FullWT, NoTuning, PrefixPT
from tutor.predictors import GPT2
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.sources import Lists
from tutor.sources.lists import Task
from tutor.studies.presets import FAST, Preset
from tutor.training.recipe import Recipe

CITED = "Petrov et al. 2024"
FOUR = Lists()
ASCENDING, DESCENDING, ADD_1, ADD_2 = FOUR.related()
CONTEXT, ROOMY = 32, 80
"""Positions of a network of one layer, and of a deep one: a list, its answer, and room for a few vectors in front, or for many."""


@dataclass(frozen=True)
class LowRankContest:
    """A network with the recipes for a new task: a low-rank update of its MLPs, and a prefix with the same number of parameters."""

    body: GPT2
    rank: int
    low_rank: Recipe
    prefix: Recipe


@dataclass(frozen=True)
class ListSizes:
    """Networks, list lengths and recipes of the list studies.

    SMALL holds the smallest in which each effect is clear, AUTHORS those of the authors' code.
    """

    widths: tuple[int, int]
    """Of the network of one task, and of the one of four with a single layer."""
    deep: GPT2
    """The network of four tasks that has layers above the first, and so could put skills together or learn one."""
    items: int
    """Digits in the lists that it reads."""
    one_task: Recipe
    four_tasks: Recipe
    deep_tasks: Recipe
    """Pretraining of the networks: of one task, of four in one layer, and of four in several."""
    other_way: Recipe
    """A prefix for sorting the other way, which needs new attention."""
    elicit: Recipe
    """A prefix for one of the tasks that the network knows."""
    long_prefix: Recipe
    """For the tasks that a prefix has to put together, or cannot."""
    weights: Recipe
    contests: tuple[LowRankContest, ...]
    """By rising rank. The fewer ranks an update has, the more layers it has to work in: with two, one rank is too little to count."""
    repetitions: int = 3


def _recipe(steps: int, rate: float, **more) -> Recipe:
    return Recipe(steps=steps, batch=64, length=FOUR.natural_length, learning_rate=rate, warmup=0.05, cosine=True, **more)


def _authors(steps: int, rate: float) -> Recipe:
    return Recipe(steps=steps, batch=64, length=20, learning_rate=rate, beta2=0.95)


QUICK = _recipe(3000, 1e-2, beta2=0.98)
LONG = QUICK.model_copy(update={"steps": 10_000})
TWO_LAYERS, FOUR_LAYERS = (GPT2(width=96, layers=layers, context=ROOMY) for layers in (2, 4))
SMALL = ListSizes(
    widths=(96, 96), deep=TWO_LAYERS, items=6,
    one_task=_recipe(1500, 1e-3), four_tasks=_recipe(8000, 1e-3), deep_tasks=_recipe(8000, 1e-3),
    other_way=_recipe(4000, 1e-2, beta2=0.98), elicit=_recipe(4000, 1e-2, beta2=0.98), long_prefix=QUICK,
    weights=_recipe(1500, 1e-3), contests=(LowRankContest(FOUR_LAYERS, 1, LONG, LONG), LowRankContest(TWO_LAYERS, 4, QUICK, QUICK)),
)
THEIRS = GPT2(width=256, layers=4, context=ROOMY)
AUTHORS = ListSizes(
    widths=(96, 256), deep=THEIRS, items=10,
    one_task=_authors(20_000, 5e-4), four_tasks=_authors(20_000, 5e-4), deep_tasks=_authors(40_000, 5e-4),
    other_way=_authors(40_000, 5e-5), elicit=_authors(30_000, 5e-5), long_prefix=_authors(100_000, 5e-5),
    weights=_authors(10_000, 5e-4), contests=(LowRankContest(THEIRS, 1, _authors(10_000, 5e-3), _authors(100_000, 5e-5)),),
)
"""Sizes, steps and rates of the authors' notebooks. What is not theirs: they tune a prefix for compose for 500,000 steps, where a
recipe has at most 100,000; their network of four tasks in one layer has no LayerNorm; they decay weights by 0.1; and their prefixes
are residual vectors that start from a normal distribution, where ours are keys and values of random tokens."""


def choose_sizes(preset: Preset) -> ListSizes:
    """Return the authors' sizes, steps and rates for the paper preset, else the small ones."""
    return AUTHORS if preset.name == "paper" else SMALL


def one_task_spec(preset: Preset) -> RunSpec:
    """Specify the network of the study new-attention: one layer and one head, pretrained on ascending sorting only."""
    how = choose_sizes(preset)
    return _pretraining(ASCENDING, GPT2(width=how.widths[0], heads=1, context=CONTEXT), how.one_task, preset.seed)


def four_tasks_spec(preset: Preset) -> RunSpec:
    """Specify the network of the study elicit: one layer, pretrained on four tasks at once, without any sign of a list's task."""
    how = choose_sizes(preset)
    return _pretraining(FOUR, GPT2(width=how.widths[1], context=CONTEXT), how.four_tasks, preset.seed)


def deep_spec(preset: Preset, body: GPT2 | None = None) -> RunSpec:
    """Specify a network of several layers, pretrained on four tasks at once; `body` replaces the preset's network, if given."""
    how = choose_sizes(preset)
    return _pretraining(Lists(items=how.items), body or how.deep, how.deep_tasks, preset.seed)


def deep_task(preset: Preset, task: Task) -> Lists:
    """Return one task, in lists as long as those of the deep networks' pretraining."""
    return Lists(tasks=(task,), items=choose_sizes(preset).items)


def tuning_spec(preset: Preset, base: RunSpec, method: AbstractMethod, on: Lists, tuning: Recipe) -> RunSpec:
    """Specify a tuning of a list network; NoTuning and every tuning of a replication get a single repetition."""
    repetitions = 1 if preset.replicates or isinstance(method, NoTuning) else choose_sizes(preset).repetitions
    seeds = Seeds(pretrain=base.seeds.pretrain, tune=preset.seed, repetitions=repetitions)
    tuning = tuning.model_copy(update={"length": on.natural_length})
    return base.model_copy(update={"method": method, "on": on, "tuning": tuning, "seeds": seeds})


def live_specs(seed: int) -> dict[str, RunSpec]:
    """Specify the runs of new-attention in a size that trains in less than two minutes, by label: the pretraining and two tunings."""
    how, brief = Evaluation(length=FOUR.natural_length, sequences=256), Seeds(pretrain=seed, tune=seed)
    sorter = _pretraining(ASCENDING, GPT2(width=96, heads=1, context=CONTEXT), _recipe(1000, 1e-3), seed)
    base = sorter.model_copy(update={"evaluation": how})
    tunings = {"FullWT": (FullWT(), _recipe(800, 1e-3)), "PrefixPT": (PrefixPT(length=1), _recipe(1200, 1e-2, beta2=0.98))}
    return {"pretrained": base} | {
        name: base.model_copy(update={"method": method, "on": DESCENDING, "tuning": recipe, "seeds": brief})
        for name, (method, recipe) in tunings.items()
    }


def live_prefix_specs(task: str, length: int, seed: int) -> dict[str, RunSpec]:
    """Specify a prefix of `length` vectors for one task on the shipped network of elicit, by label; it trains in about a minute."""
    base = four_tasks_spec(FAST)
    on = FOUR.model_copy(update={"tasks": (task,)})
    update = {"method": PrefixPT(length=length), "on": on, "tuning": _recipe(1500, 2e-2, beta2=0.98), "seeds": Seeds(tune=seed)}
    return {f"PrefixPT for {task}": base.model_copy(update=update)}


def _pretraining(source: Lists, body: GPT2, recipe: Recipe, seed: int) -> RunSpec:
    recipe = recipe.model_copy(update={"length": source.natural_length})
    return RunSpec(source=source, body=body, recipe=recipe, evaluation=Evaluation(length=source.natural_length, sequences=1024), seed=seed)
