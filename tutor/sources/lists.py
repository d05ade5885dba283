"""List tasks: a list of digits in, the sorted, shifted or counted list out (Petrov et al. 2024, section 5)."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from tutor.core.rng import Rng
from tutor.core.types import LogProbs, Tokens
from tutor.sources.source import AbstractSolved, Batch, is_held_out
from tutor.sources.task_mixture import TaskMixture

Array = Int[np.ndarray, "B N"]
Task = Literal["ascending", "descending", "add 1", "add 2", "ascending + add 1", "double histogram"]

SOLVE: dict[str, Callable[[Array], Array]] = {
    "ascending": lambda x: np.sort(x, axis=1),
    "descending": lambda x: -np.sort(-x, axis=1),
    "add 1": lambda x: x + 1,
    "add 2": lambda x: x + 2,
    "ascending + add 1": lambda x: np.sort(x, axis=1) + 1,
    "double histogram": lambda x: (x[:, :, None] == x[:, None, :]).sum(2),
}
"""What each task answers to a list; the paper's double histogram puts in the place of a digit how often it occurs."""
TASKS: tuple[Task, ...] = get_args(Task)
NAMES = {task: task.capitalize() for task in TASKS}


class Lists(TaskMixture, AbstractSolved):
    """Lists of digits, each followed by its answer; which of the tasks it is stays hidden, and is the same all along a sequence.

    A sequence of 2 x items tokens holds one list and its answer, as in the paper; a longer one holds more lists of the same task,
    so that earlier answers are demonstrations. Only answers are predicted (the mask). A quarter of all lists is held out by hash.
    The latent is the index of the task in `tasks` [B].
    """

    kind: Literal["lists"] = "lists"
    has_answers = True
    lab = "lists"
    tasks: tuple[Task, ...] = Field(("ascending", "descending", "add 1", "add 2"), min_length=1, max_length=len(TASKS),
                                    description=f"which tasks occur: {', '.join(TASKS)}")
    items: int = Field(10, ge=4, le=32, description="digits in a list")
    digits: int = Field(8, ge=3, le=16, description="different digits that a list may hold")
    split: Literal["train", "test"] = Field("train", description="which lists: those to learn from, or the quarter that is held out")

    @property
    def vocab(self) -> int:
        # The largest digit plus two, or a digit that fills the whole list.
        return max(self.digits + 2, self.items + 1)

    @property
    def label(self) -> str:
        name = NAMES[self.tasks[0]] if len(self.tasks) == 1 else f"Lists: {', '.join(self.tasks)}"
        return name + (" (held out)" if self.split == "test" else "")

    @property
    def natural_length(self) -> int:
        return 2 * self.items

    def held_out(self) -> "Lists":
        return self.model_copy(update={"split": "test"})

    def related(self) -> tuple["Lists", ...]:
        return tuple(self.model_copy(update={"tasks": (task,), "weights": ()}) for task in self.tasks)

    def sample(self, n: int, length: int, rng: Rng) -> Batch:
        rng = np.random.default_rng(rng)
        latent = rng.choice(len(self.tasks), size=n, p=self.prior)
        rounds = -(-length // self.natural_length)
        lists = self._lists(n * rounds, rng)
        answers = np.choose(np.repeat(latent, rounds)[:, None], self._answers(lists)) if len(self.tasks) > 1 else self._answers(lists)[0]
        tokens = np.concatenate([lists, answers], axis=1).reshape(n, -1)[:, :length]
        return Batch(torch.from_numpy(tokens), torch.from_numpy(latent), torch.from_numpy(self._asked(length)).expand(n, -1))

    def log_truth(self, batch: Batch) -> LogProbs:
        """Certainty about every answer; at the digits of a list, which no loss counts, a uniform placeholder."""
        candidates = self._candidates(batch.tokens)                                        # (M, B, T)
        known = F.one_hot(batch.latent, len(self.tasks)).double()
        return self._mixed(known[:, None].expand(-1, batch.tokens.shape[1], -1), candidates)

    def log_bayes(self, tokens: Tokens) -> LogProbs:
        """The exact posterior predictive: the answers of all tasks that every answer so far agrees with, weighted by the prior."""
        candidates = self._candidates(tokens)
        agrees = (candidates == tokens) | ~torch.from_numpy(self._asked(tokens.shape[1]))
        so_far = F.pad(agrees, (1, 0), value=True)[..., :-1].cumprod(-1)                   # (M, B, T)
        weight = so_far.permute(1, 2, 0) * torch.tensor(self.prior, dtype=torch.float64)
        return self._mixed(weight, candidates)

    def _mixed(self, weight: Float[Tensor, "B T M"], candidates: Int[Tensor, "M B T"]) -> LogProbs:
        asked = torch.from_numpy(self._asked(candidates.shape[2]))
        said = (weight[..., None] * F.one_hot(candidates.permute(1, 2, 0), self.vocab)).sum(2)
        # Where no task agrees any more the posterior is undefined, and at a list nothing is asked: uniform.
        unknown = (said.sum(-1) == 0) | ~asked
        said = torch.where(unknown[..., None], 1.0, said)
        return (said / said.sum(-1, keepdim=True)).log()

    def _candidates(self, tokens: Tokens) -> Int[Tensor, "M B T"]:
        """What each task would have in every place, the lists themselves where nothing is asked."""
        B, T = tokens.shape
        rounds = -(-T // self.natural_length)
        whole = F.pad(tokens, (0, rounds * self.natural_length - T)).reshape(B * rounds, self.natural_length).numpy()
        lists = whole[:, :self.items]
        filled = [np.concatenate([lists, answer], axis=1).reshape(B, -1)[:, :T] for answer in self._answers(lists)]
        # Tokens that are no digit of this alphabet have answers outside the vocabulary.
        return torch.from_numpy(np.stack(filled).clip(0, self.vocab - 1))

    def _answers(self, lists: Array) -> list[Array]:
        return [SOLVE[task](lists) for task in self.tasks]

    def _asked(self, length: int) -> np.ndarray:
        return np.arange(length) % self.natural_length >= self.items

    def _lists(self, n: int, rng: np.random.Generator) -> Array:
        """n lists of this split; half of them, as in the paper, hold at most half as many different digits as places."""
        found = np.empty((0, self.items), dtype=np.int64)
        while len(found) < n:
            drawn = rng.integers(self.digits, size=(2 * n + 8, self.items))
            few = rng.permuted(np.broadcast_to(np.arange(self.digits), (len(drawn), self.digits)), axis=1)[:, :max(2, self.items // 2)]
            repeated = np.take_along_axis(few, rng.integers(few.shape[1], size=drawn.shape), axis=1)
            drawn = np.where(rng.random((len(drawn), 1)) < 0.5, repeated, drawn)
            found = np.concatenate([found, drawn[is_held_out(drawn) == (self.split == "test")]])
        return found[:n]
