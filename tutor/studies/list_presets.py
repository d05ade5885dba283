"""What the studies of list tasks share: the tasks, how large the networks are, and how long they are trained."""

from dataclasses import dataclass

from tutor.methods import AbstractMethod, FullWT, NoTuning, PrefixPT
from tutor.predictors import GPT2
from tutor.recipe import Recipe
from tutor.sources import Lists
from tutor.sources.lists import Task
from tutor.spec import Evaluation, RunSpec, Seeds
from tutor.studies.presets import FAST, Preset

CITED = "Petrov et al. 2024"
FOUR = Lists()
ASCENDING, DESCENDING, ADD_1, ADD_2 = FOUR.related()
CONTEXT, ROOMY = 32, 80
"""Positions of a network of one layer, and of a deep one: a list, its answer, and room for a few vectors in front, or for many."""


@dataclass(frozen=True)
class Contest:
    """A network in which an update of its MLPs of low rank, and a prefix with as many parameters, learn a task that is new to it."""

    body: GPT2
    rank: int
    low_rank: Recipe
    prefix: Recipe


@dataclass(frozen=True)
class Effort:
    """How large and how long: the smallest in which the phenomenon is clear, or as the authors' code has it."""

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
    contests: tuple[Contest, ...]
    """By rising rank. The fewer ranks an update has, the more layers it has to work in: with two, one rank is too little to count."""
    repetitions: int = 3


def _recipe(steps: int, rate: float, **more) -> Recipe:
    return Recipe(steps=steps, batch=64, length=FOUR.natural_length, learning_rate=rate, warmup=0.05, cosine=True, **more)


def _authors(steps: int, rate: float) -> Recipe:
    return Recipe(steps=steps, batch=64, length=20, learning_rate=rate, beta2=0.95)


QUICK = _recipe(3000, 1e-2, beta2=0.98)
LONG = QUICK.model_copy(update={"steps": 10_000})
TWO_LAYERS, FOUR_LAYERS = (GPT2(width=96, layers=layers, context=ROOMY) for layers in (2, 4))
SMALL = Effort(
    widths=(96, 96), deep=TWO_LAYERS, items=6,
    one_task=_recipe(1500, 1e-3), four_tasks=_recipe(8000, 1e-3), deep_tasks=_recipe(8000, 1e-3),
    other_way=_recipe(4000, 1e-2, beta2=0.98), elicit=_recipe(4000, 1e-2, beta2=0.98), long_prefix=QUICK,
    weights=_recipe(1500, 1e-3), contests=(Contest(FOUR_LAYERS, 1, LONG, LONG), Contest(TWO_LAYERS, 4, QUICK, QUICK)),
)
THEIRS = GPT2(width=256, layers=4, context=ROOMY)
AUTHORS = Effort(
    widths=(96, 256), deep=THEIRS, items=10,
    one_task=_authors(20_000, 5e-4), four_tasks=_authors(20_000, 5e-4), deep_tasks=_authors(40_000, 5e-4),
    other_way=_authors(40_000, 5e-5), elicit=_authors(30_000, 5e-5), long_prefix=_authors(100_000, 5e-5),
    weights=_authors(10_000, 5e-4), contests=(Contest(THEIRS, 1, _authors(10_000, 5e-3), _authors(100_000, 5e-5)),),
)
"""Sizes, steps and rates of the authors' notebooks. What is not theirs: they tune a prefix for compose for 500,000 steps, where a
recipe has at most 100,000; their network of four tasks in one layer has no LayerNorm; they decay weights by 0.1; and their prefixes
are residual vectors that start from a normal distribution, where ours are keys and values of random tokens."""


def effort(preset: Preset) -> Effort:
    """The authors' sizes and steps with the paper preset, else the small ones."""
    return AUTHORS if preset.name == "paper" else SMALL


def one_task(preset: Preset, seed: int = 0) -> RunSpec:
    """One layer, one head, trained on nothing but sorting: the network of new-attention."""
    how = effort(preset)
    return _pretraining(ASCENDING, GPT2(width=how.widths[0], heads=1, context=CONTEXT), how.one_task, seed)


def four_tasks(preset: Preset, seed: int = 0) -> RunSpec:
    """One layer, four tasks at once, without a word about which one it is: the network of elicit."""
    how = effort(preset)
    return _pretraining(FOUR, GPT2(width=how.widths[1], context=CONTEXT), how.four_tasks, seed)


def deep(preset: Preset, seed: int = 0, body: GPT2 | None = None) -> RunSpec:
    """Several layers, those of `body` where it is given, four tasks at once."""
    how = effort(preset)
    return _pretraining(Lists(items=how.items), body or how.deep, how.deep_tasks, seed)


def deep_task(preset: Preset, task: Task) -> Lists:
    """A task for the deep networks, in lists as long as those that they know."""
    return Lists(tasks=(task,), items=effort(preset).items)


def tuned(preset: Preset, base: RunSpec, method: AbstractMethod, on: Lists, tuning: Recipe) -> RunSpec:
    """A tuning of a list network, repeated where anything is drawn at random."""
    repetitions = 1 if isinstance(method, NoTuning) else effort(preset).repetitions
    seeds = Seeds(pretrain=base.seeds.pretrain, repetitions=repetitions)
    tuning = tuning.model_copy(update={"length": on.natural_length})
    return base.model_copy(update={"method": method, "on": on, "tuning": tuning, "seeds": seeds})


def live(seed: int) -> dict[str, RunSpec]:
    """The three networks of new-attention in less than two minutes: sorting upwards, and downwards by new weights or by a prefix."""
    how, brief = Evaluation(length=FOUR.natural_length, sequences=256), Seeds(pretrain=seed, tune=seed)
    sorter = _pretraining(ASCENDING, GPT2(width=96, heads=1, context=CONTEXT), _recipe(1000, 1e-3), seed)
    base = sorter.model_copy(update={"evaluation": how})
    tunings = {"FullWT": (FullWT(), _recipe(800, 1e-3)), "PrefixPT": (PrefixPT(length=1), _recipe(1200, 1e-2, beta2=0.98))}
    return {"pretrained": base} | {
        name: base.model_copy(update={"method": method, "on": DESCENDING, "tuning": recipe, "seeds": brief})
        for name, (method, recipe) in tunings.items()
    }


def live_prefix(task: str, length: int, seed: int) -> dict[str, RunSpec]:
    """A prefix of so many vectors for one task, tuned on the shipped network of elicit in about a minute."""
    base = four_tasks(FAST)
    on = FOUR.model_copy(update={"tasks": (task,)})
    update = {"method": PrefixPT(length=length), "on": on, "tuning": _recipe(1500, 2e-2, beta2=0.98), "seeds": Seeds(tune=seed)}
    return {f"PrefixPT for {task}": base.model_copy(update=update)}


def _pretraining(source: Lists, body: GPT2, recipe: Recipe, seed: int) -> RunSpec:
    recipe = recipe.model_copy(update={"length": source.natural_length})
    return RunSpec(source=source, body=body, recipe=recipe, evaluation=Evaluation(length=source.natural_length, sequences=1024), seed=seed)
