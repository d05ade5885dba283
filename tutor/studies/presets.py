"""The two ways to run a study: as the papers did, and in minutes with the same verdicts."""

from dataclasses import dataclass, replace

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
from tutor.training.recipe import Recipe

COINS, SINGLE, TWO_COINS = DirichletCategorical(), Categorical(), Mixture()
NETWORKS: tuple[AbstractBody, ...] = (LSTM(), Transformer())
SEEDS = (0, 1, 2)
"""Pretraining seeds of the studies that look at pretrained networks alone."""
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

    def fewer(self) -> "Preset":
        """Return the same preset with the fewer repetitions (`aside`) of the secondary studies."""
        return replace(self, repetitions=self.aside)

    def base(self, body: AbstractBody, source: AbstractSource = COINS, seed: int = 0) -> RunSpec:
        """Specify a pretraining."""
        return RunSpec(source=source, body=body, recipe=self.recipe, evaluation=self.evaluation, seed=seed)

    def untrained(self, body: AbstractBody, source: AbstractSource = COINS, seed: int = 0) -> RunSpec:
        """Specify the network of `base` with zero training steps."""
        return self.base(body, source, seed).model_copy(update={"recipe": Recipe.untrained()})

    def tuned(self, base: RunSpec, method: AbstractMethod, on: AbstractSource) -> RunSpec:
        """Specify a tuning of `base` to `on`; NoTuning, which is deterministic, gets a single repetition."""
        seeds = Seeds(pretrain=base.seeds.pretrain, repetitions=1 if isinstance(method, NoTuning) else self.repetitions)
        return RunSpec(
            source=base.source,
            body=base.body,
            recipe=base.recipe,
            method=method,
            on=on,
            tuning=self.tuning,
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
              evaluation=Evaluation(sequences=256, stratified=True), hard=HardPT(sequences=256, halving=True), aside=3)
PAPER = Preset("paper", Recipe.paper(), Recipe.paper_tuning(), repetitions=10,
               evaluation=Evaluation(sequences=2048), hard=HardPT(sequences=2048), aside=10)
PRESETS = {preset.name: preset for preset in (FAST, PAPER)}
