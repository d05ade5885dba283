"""What searches for a hard prompt by gradient share: a budget of forward passes, how candidates are judged, and what is kept of the way."""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from tutor.core.rng import stream
from tutor.methods.method import MAX_PROMPT, AbstractMethod, PromptField, draw_random_tokens
from tutor.methods.prompt_scores import draw_judge
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import AbstractPrompt, HardPrompt, NoPrompt
from tutor.sources import AbstractSource
from tutor.training.adam import Adam
from tutor.training.loop import Step
from tutor.training.recipe import Recipe

Ids = Int[Tensor, " K"]
Rows = Float[Tensor, "K width"]


class BudgetFields(PromptField):
    """How much a search may spend, and on what candidates are judged."""

    length: int = Field(6, ge=1, le=MAX_PROMPT, description="prompt length K")
    passes: int = Field(600, ge=1, le=100_000, description="forward passes that may be spent; each reads `sequences` sequences once")
    sequences: int = Field(16, ge=1, le=1024, description="sequences on which a candidate is judged, always the same",
                           json_schema_extra={"advanced": True})


class AbstractDiscreteMethod(BudgetFields, AbstractMethod):
    """A search for a hard prompt; the best that was ever judged is the result, ties going to the lexicographically smallest."""

    recipe_free: ClassVar[bool] = True

    @abstractmethod
    def cost(self, vocab: int) -> int:
        """Forward passes of one step."""

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        return 2.0 * weights * self.passes * self.sequences * (self.length + recipe.length)

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt = HardPrompt(draw_random_tokens(self.length, base.vocab, seed), base.vocab)
        tuned.placement = self.placement
        return tuned


class Proposal(NamedTuple):
    """Hard prompts to judge, and the loss of what they were rounded from (nats per token)."""

    prompts: Int[Tensor, "C K"]
    before: float


class DiscreteSearch:
    """A search under way, one step per `advance()`; the predictor holds the best prompt so far.

    A subclass says what to judge next in `propose`, and what it makes of the scores in `learn`.
    """

    def __init__(self, method: AbstractDiscreteMethod, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int):
        if on.vocab != base.vocab:
            raise ValueError(f"the source has {on.vocab} symbols and the network {base.vocab}; both must have the same")
        self.method, self.base, self.seed, self.recipe = method, base.frozen_copy(), seed, recipe
        self.predictor = method.attach(base, seed)
        self._carrier = self.predictor.frozen_copy()
        """The network that reads vectors in the place of the prompt."""
        self.judge = draw_judge(on, method.sequences, recipe.length, stream(seed, "search", 0), stratified=recipe.stratified)
        self.step, self.steps = 0, max(1, method.passes // method.cost(base.vocab))
        self.tokens = torch.tensor(self.predictor.token_prompt.tokens, dtype=torch.int64)
        self.best, self.least = self.tokens, torch.inf
        self.curve = torch.full((3, self.steps), torch.nan)
        self.parameter: Tensor | None = None
        """What is free in a search among vectors; None in one among tokens."""

    @abstractmethod
    def propose(self) -> Proposal:
        """What to judge in this step."""

    def learn(self, prompts: Int[Tensor, "C K"], scores: Float[Tensor, " C"]) -> None:
        """Go on from the best of the candidates, whether or not it is better than the best so far."""
        self.tokens = prompts[find_least(prompts, scores)]

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    def advance(self) -> Step:
        """Take one step; its loss is that of the best prompt so far (nats per token)."""
        prompts, before = self.propose()
        with torch.no_grad():
            scores = self.judge.score(self.base, prompts, self.method.placement)
        first = find_least(prompts, scores)
        self._keep(prompts[first], scores[first].item())
        self.curve[:, self.step] = torch.tensor([before, scores[first].item(), self.least])
        self.learn(prompts, scores)
        self.step += 1
        return Step(self.step, self.least, self.least, 0.0, 0.0)

    def loss_at(self, rows: Rows, *, embedded: bool = False) -> Float[Tensor, ""]:
        """Loss behind vectors in the place of the prompt, in token space or, `embedded`, in embedding space (nats per token)."""
        seams = {"token_prompt": NoPrompt(self.base.vocab), "embedding_prompt": NoPrompt(self.base.embedding)}
        seams["embedding_prompt" if embedded else "token_prompt"] = HeldPrompt(rows)
        for name, prompt in seams.items():
            setattr(self._carrier, name, prompt)
        return self.judge.loss(self._carrier)

    def slope(self, tokens: Ids) -> tuple[Float[Tensor, "K V"], float]:
        """How the loss behind a hard prompt changes with each entry of its one-hot rows, to first order; and the loss."""
        rows = HardPrompt(tuple(tokens.tolist()), self.base.vocab)().clone().requires_grad_()
        loss = self.loss_at(rows)
        return torch.autograd.grad(loss, rows)[0], loss.item()

    def state_tensors(self) -> dict[str, Tensor]:
        flat = {"step": torch.tensor(self.step), "tokens": self.tokens.clone(), "best": self.best.clone(),
                "curve": self.curve[:, :self.step].clone(), "least": torch.tensor(self.least, dtype=torch.float64)}
        if self.parameter is not None:
            flat |= {"parameter": self.parameter.detach().clone()}
            flat |= {f"adam.{name}": value.clone() for name, value in self.optimiser.state[self.parameter].items()}
        return flat

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        self.step, self.tokens = int(flat["step"]), flat["tokens"].clone()
        self.curve[:, :self.step] = flat["curve"]
        self._show(flat["best"].clone(), float(flat["least"]))
        if self.parameter is not None:
            self.parameter.data.copy_(flat["parameter"])
            moments = {name.removeprefix("adam."): value.clone() for name, value in flat.items() if name.startswith("adam.")}
            self.optimiser.state[self.parameter] = moments

    def findings(self) -> dict[str, Tensor]:
        """Curves over steps [S], nats per token, NaN for steps not taken: before and after rounding, best so far; and passes spent."""
        spent = torch.arange(1, self.steps + 1) * self.method.cost(self.base.vocab)
        return dict(zip(("before", "rounded", "best"), self.curve.clone(), strict=True)) | {"passes": spent}

    def free(self, rows: Rows, rate: float) -> None:
        """Set vectors free for Adam at this learning rate."""
        self.parameter = rows.clone().requires_grad_()
        self.optimiser = Adam([self.parameter], rate)

    def _keep(self, tokens: Ids, score: float) -> None:
        if (score, tokens.tolist()) < (self.least, self.best.tolist()):
            self._show(tokens, score)

    def _show(self, tokens: Ids, score: float) -> None:
        self.best, self.least = tokens, score
        self.predictor.token_prompt = HardPrompt(tuple(tokens.tolist()), self.base.vocab)


class HeldPrompt(AbstractPrompt):
    """Vectors that belong to a search and not to the network, so that a gradient reaches what they were made of."""

    def __init__(self, rows: Rows):
        super().__init__()
        self.rows = rows

    def forward(self) -> Rows:
        return self.rows


def find_least(prompts: Int[Tensor, "C K"], scores: Float[Tensor, " C"]) -> int:
    """Number of the prompt with the least score, the lexicographically smallest of several."""
    return min(range(len(prompts)), key=lambda i: (scores[i].item(), prompts[i].tolist()))
