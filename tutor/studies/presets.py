"""The two ways to run a study: with the settings of its paper, and with fast ones; and the same on one pretrained network of many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from tutor.methods import (
    AbstractMethod,
    EmbedUnembedWT,
    EmbedWT,
    FullWT,
    HardPT,
    LoRAWT,
    NoTuning,
    PrefixPT,
    RandomPF,
    RealPT,
    SimplexPT,
    SoftPT,
    UnembedWT,
)
from tutor.predictors import LSTM, AbstractBody, Transformer
from tutor.runs.spec import Evaluation, RunSpec, Seeds
from tutor.sources import AbstractSource, Categorical, DirichletCategorical, Mixture
from tutor.studies.checks import Change, Plan
from tutor.training.recipe import Recipe

Chosen = TypeVar("Chosen")

COINS, SINGLE, TWO_COINS = DirichletCategorical(), Categorical(), Mixture()
NETWORKS: tuple[AbstractBody, ...] = (LSTM(), Transformer())
SEEDS = (0, 1, 2)
"""Pretraining seeds of what is shown of pretrained networks alone."""
CITED = "Genewein et al. 2025"


@dataclass(frozen=True)
class Preset:
    """All settings of effort that a study does not fix itself: recipes, repetitions, evaluation and hard-prompt search."""

    name: str
    recipe: Recipe
    tuning: Recipe
    repetitions: int
    evaluation: Evaluation
    hard: HardPT
    """How hard prompts are searched."""
    aside: int
    """Repetitions of the studies beside the two main ones."""
    simplex_rate: float | None = None
    """Learning rate of SimplexPT, whose logits have a long way to the corners; None for the rate of all others."""
    seed: int = 0
    """Of the pretraining, and of the first repetition of a tuning."""
    replicates: bool = False
    """Whether the runs are those of one replication, which are measured and not shown: only what the checks read, once."""
    looks: tuple[int, ...] | None = None
    """Numbers of networks, where they are not those of a study's plan; their seeds then begin with 0."""

    def on_base(self, seed: int) -> "Preset":
        """Return the same preset for one replication: another pretrained network with one tuning per method."""
        return replace(self, seed=seed, replicates=True, repetitions=1, aside=1)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Pretraining seeds of what a study shows of pretrained networks alone; of a replication only its own."""
        return (self.seed,) if self.replicates else SEEDS

    def choose(self, shown: Sequence[Chosen], checked: Sequence[Chosen]) -> Sequence[Chosen]:
        """Return what a study shows, or in a replication only what its checks read."""
        return checked if self.replicates else shown

    def plan_for(self, plan: Plan) -> Plan:
        """Return a study's plan with this preset's numbers of networks, where it has its own."""
        return plan if self.looks is None else replace(plan, looks=self.looks, first_seed=0)

    def fewer(self) -> "Preset":
        """Return the same preset with the fewer repetitions (`aside`) of the secondary studies."""
        return replace(self, repetitions=self.aside)

    def base(self, body: AbstractBody, source: AbstractSource = COINS, seed: int | None = None) -> RunSpec:
        """Specify a pretraining, from the preset's own seed if none is given."""
        return RunSpec(source=source, body=body, recipe=self.recipe, evaluation=self.evaluation, seed=self.seed if seed is None else seed)

    def untrained(self, body: AbstractBody, source: AbstractSource = COINS, seed: int | None = None) -> RunSpec:
        """Specify the network of `base` with zero training steps."""
        return self.base(body, source, seed).model_copy(update={"recipe": Recipe.untrained()})

    def tuned(self, base: RunSpec, method: AbstractMethod, on: AbstractSource) -> RunSpec:
        """Specify a tuning of `base` to `on`; NoTuning, which is deterministic, gets a single repetition."""
        repetitions = 1 if isinstance(method, NoTuning) else self.repetitions
        faster = {"learning_rate": self.simplex_rate} if self.simplex_rate and isinstance(method, SimplexPT) else {}
        seeds = Seeds(pretrain=base.seeds.pretrain, tune=self.seed, repetitions=repetitions)
        return RunSpec(
            source=base.source,
            body=base.body,
            recipe=base.recipe,
            method=method,
            on=on,
            tuning=self.tuning.model_copy(update=faster),
            evaluation=self.evaluation,
            seeds=seeds,
        )

    def prompts(self) -> tuple[AbstractMethod, ...]:
        """Return all prompt methods, each with six vectors, and their controls."""
        return (NoTuning(), RandomPF(), self.hard, SimplexPT(), RealPT(), SoftPT(), PrefixPT())

    def every_method(self) -> tuple[AbstractMethod, ...]:
        """Return all methods of Genewein et al. 2025, and per-layer prefixes."""
        return (*self.prompts(), EmbedWT(), UnembedWT(), EmbedUnembedWT(), FullWT(), LoRAWT())


FAST = Preset("fast", Recipe.fast(), Recipe.fast_tuning(), repetitions=10,
              evaluation=Evaluation(sequences=256, stratified=True), hard=HardPT(sequences=256, halving=True), aside=3, simplex_rate=0.3)
PAPER = Preset("paper", Recipe.paper(), Recipe.paper_tuning(), repetitions=1,
               evaluation=Evaluation(sequences=2048), hard=HardPT(sequences=2048), aside=1, looks=(2,))
PRESETS = {preset.name: preset for preset in (FAST, PAPER)}


def faster_recipes(verdict: str) -> tuple[Change, ...]:
    """Return the two entries of the ledgers of all coin studies whose verdict stayed the same when the fast recipes were found."""
    return (Change("2026-11-21", "faster recipes for pretraining and tuning", before=verdict),
            Change("2026-11-21", "tuning in smaller steps, pretraining up to 200 flips", before=verdict))
