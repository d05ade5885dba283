"""HardPT: try every hard prompt and keep the best, as far as that is affordable."""

from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import ClassVar, Literal

import torch
from jaxtyping import Int
from pydantic import Field
from torch import Tensor

from tutor.core.rng import stream
from tutor.methods.method import AbstractMethod, PromptField
from tutor.methods.prompt_scores import ROWS, draw_judge
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.prompt_inputs import HardPrompt
from tutor.sources import AbstractSource
from tutor.training.loop import Step
from tutor.training.recipe import Recipe

MAX_PROMPTS = 2**12


class HardPT(PromptField, AbstractMethod):
    """Exhaustive search over all V^K hard prompts (Genewein et al. 2025, section 3); at most 4,096 of them.

    Every candidate is scored on the same sequences by its expected loss over the next token; ties go to the
    lexicographically smallest prompt. With `halving` (successive halving, Jamieson & Talwalkar 2016, section 3, in steps of
    four) all are scored on few sequences, the better quarter on four times as many, and the last four on `sequences`.
    """

    label: ClassVar[str] = "HardPT"
    in_words: ClassVar[str] = "hard prompt"
    recipe_free: ClassVar[bool] = True
    kind: Literal["hard"] = "hard"
    sequences: int = Field(256, ge=16, le=8192, description="sequences on which a candidate is scored",
                           json_schema_extra={"advanced": True})
    halving: bool = Field(False, description="score all on few sequences and only the better quarter on four times as many, and so on",
                          json_schema_extra={"advanced": True})

    def check(self, body: AbstractBody, vocab: int) -> None:
        if vocab**self.length > MAX_PROMPTS:
            raise ValueError(f"length is {self.length}; HardPT would try {vocab}^{self.length} = {vocab**self.length:,} prompts, "
                             f"at most {MAX_PROMPTS:,} are allowed (shorten the prompt or choose SimplexPT)")

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        scored = sum(stage.candidates * stage.sequences for stage in self.stages(vocab))
        return 2.0 * weights * scored * (self.length + recipe.length)

    def supports(self, base: Predictor) -> bool:
        return base.vocab**self.length <= MAX_PROMPTS

    def stages(self, vocab: int) -> list["Stage"]:
        """How many candidates are scored on how many sequences, in order."""
        counts = [vocab**self.length]
        while self.halving and counts[-1] > FINALISTS:
            counts.append(max(FINALISTS, counts[-1] // 4))
        fewest = min(MIN_SEQUENCES, self.sequences)
        after = reversed(range(len(counts)))
        return [Stage(count, max(fewest, self.sequences // 4**more)) for more, count in zip(after, counts, strict=True)]

    def attach(self, base: Predictor, seed: int) -> Predictor:
        return self._with(base, (0,) * self.length)

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> "Search":
        return Search(self, base, on, recipe, seed)

    def _with(self, base: Predictor, tokens: tuple[int, ...]) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt, tuned.placement = HardPrompt(tokens, base.vocab), self.placement
        return tuned


FINALISTS, MIN_SEQUENCES = 4, 16


@dataclass(frozen=True)
class Stage:
    """So many candidates, each scored on so many sequences."""

    candidates: int
    sequences: int

    @property
    def together(self) -> int:
        """Candidates of one forward pass."""
        return max(1, ROWS // self.sequences)

    @property
    def passes(self) -> int:
        return ceil(self.candidates / self.together)


class Search:
    """The search under way: as many candidates per `advance()` as fit into one pass; the predictor holds the best prompt so far."""

    def __init__(self, method: HardPT, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int):
        if not method.supports(base):
            raise ValueError(f"length is {method.length}; HardPT tries at most {MAX_PROMPTS:,} prompts")
        self.method, self.base, self.on, self.recipe, self.seed = method, base.frozen_copy(), on, recipe, seed
        self.candidates = list_prompts(base.vocab, method.length)
        self.predictor = method.attach(base, seed)
        self.stages = method.stages(base.vocab)
        self.step, self.steps = 0, sum(stage.passes for stage in self.stages)
        self.best, self.found = 0, torch.full((len(self.candidates),), torch.inf, dtype=torch.float64)
        self._begin(0, torch.arange(len(self.candidates)))

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    @torch.no_grad()
    def advance(self) -> Step:
        """Score the next candidates; loss is the least divergence from the exact Bayes predictor in this stage (nats per token)."""
        these = self.alive[self.scored:self.scored + self.stages[self.stage].together]
        self.found[these] = self.judge.score(self.base, self.candidates[these], self.method.placement)
        self.scored, self.step = self.scored + len(these), self.step + 1
        scores = self.found[self.alive[:self.scored]]
        least = scores.min().item()
        self._show(int(self.alive[scores.argmin()]))
        if self.scored == len(self.alive) and not self.done:
            kept = scores.argsort(stable=True)[:self.stages[self.stage + 1].candidates]
            self._begin(self.stage + 1, self.alive[kept].sort().values)
        return Step(self.step, least, least, 0.0, 0.0)

    def state_tensors(self) -> dict[str, Tensor]:
        numbers = {"step": self.step, "stage": self.stage, "scored": self.scored, "best": self.best}
        return {name: torch.tensor(n) for name, n in numbers.items()} | {"alive": self.alive.clone(), "found": self.found.clone()}

    def findings(self) -> dict[str, Tensor]:
        """scores [C]: the divergence from the exact Bayes predictor (nats per token) behind every prompt, in the last stage it reached."""
        return {"scores": self.found.clone()}

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        self._begin(int(flat["stage"]), flat["alive"].clone())
        self.step, self.scored, self.found = int(flat["step"]), int(flat["scored"]), flat["found"].clone()
        self._show(int(flat["best"]))

    def _begin(self, stage: int, alive: Int[Tensor, " C"]) -> None:
        self.stage, self.alive, self.scored = stage, alive, 0
        n, rng = self.stages[stage].sequences, stream(self.seed, "search", stage)
        self.judge = draw_judge(self.on, n, self.recipe.length, rng, stratified=self.recipe.stratified)

    def _show(self, best: int) -> None:
        self.best = best
        self.predictor.token_prompt = HardPrompt(tuple(self.candidates[best].tolist()), self.predictor.vocab)


def list_prompts(vocab: int, length: int) -> Int[Tensor, "C K"]:
    """All V^K hard prompts [V^K, K] in lexicographic order."""
    rows = list(product(range(vocab), repeat=length))
    return torch.tensor(rows, dtype=torch.int64).reshape(len(rows), length)
