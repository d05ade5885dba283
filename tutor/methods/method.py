"""What a tuning method is: a frozen specification that turns a frozen base into a tuned predictor, the base left bit-identical."""

from abc import abstractmethod
from typing import ClassVar, Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from tutor.core.rng import stream
from tutor.core.types import Spec
from tutor.predictors import AbstractBody, Predictor
from tutor.predictors.prompt_placement import Placement
from tutor.sources import AbstractSource
from tutor.training.loop import Step, Training
from tutor.training.recipe import Recipe

MAX_PROMPT = 64


@runtime_checkable
class Tuning(Protocol):
    """One repetition of a tuning under way: resumable, one unit of work per `advance()`."""

    predictor: Predictor
    step: int
    steps: int
    done: bool

    def advance(self) -> Step: ...
    def state_tensors(self) -> dict[str, Tensor]: ...
    def load_tensors(self, flat: dict[str, Tensor]) -> None: ...

    def findings(self) -> dict[str, Tensor]:
        """What was found on the way and belongs to the results beside the tuned predictor."""


class AbstractMethod(Spec):
    """A way to tune a predictor; `label` is the paper's name and the same in code, legends and tables."""

    label: ClassVar[str]
    in_words: ClassVar[str] = ""
    """What the method is called in words; "" where it has no other name than its label."""
    changes_weights: ClassVar[bool] = False
    """Whether the network's own weights change, so that its states need a basis of their own."""
    recipe_free: ClassVar[bool] = False
    """Whether nothing is optimised by gradient, so that the recipe's steps do not apply."""
    is_control: ClassVar[bool] = False
    """Whether nothing is tuned at all, so that it is what other methods are held against; drawn in grey."""

    @property
    def positions(self) -> int:
        """How many positions of the network the attached prompt takes."""
        return 0

    @property
    def sources(self) -> tuple[AbstractSource, ...]:
        """What is tuned to beside the target."""
        return ()

    def check(self, body: AbstractBody, vocab: int) -> None:
        """Raise ValueError with one sentence where this method cannot be attached to this network."""

    def check_target(self, on: AbstractSource) -> None:
        """Raise ValueError with one sentence where this method cannot be tuned towards this source."""

    def supports(self, base: Predictor) -> bool:
        """Whether this method can be attached to this predictor."""
        return True

    def absent_fields(self, body: AbstractBody) -> frozenset[str]:
        """Fields that do not apply to this network and must not be given."""
        return frozenset()

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        """Multiplications and additions of one repetition on a network of so many weights, for estimates of time."""
        return 0.0

    @abstractmethod
    def attach(self, base: Predictor, seed: int) -> Predictor:
        """A copy of a predictor with this method attached at its starting point; the base is not touched.

        Parameters
        ----------
        base
            A pretrained predictor.
        seed
            Of the starting point.

        Returns
        -------
        Predictor
            Only what is tuned requires grad.
        """

    @abstractmethod
    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> Tuning:
        """Begin one repetition of a tuning.

        Parameters
        ----------
        base
            A pretrained predictor; it stays bit for bit.
        on
            The target.
        recipe
            How to optimise.
        seed
            Of the starting point and the data.

        Returns
        -------
        Tuning
            Advances one unit of work at a time.
        """

    def finished(self, tuned: Predictor) -> Predictor:
        """The tuned predictor without whatever was only needed to tune it; it predicts the same."""
        return tuned


class AbstractGradientMethod(AbstractMethod):
    """A method whose attached parameters are optimised by the common training loop."""

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> Training:
        return Training(self.attach(base, seed), on, recipe, seed)

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        return weights * recipe.operations


class FinishedTuning:
    """A tuning in which there is nothing to do: the attached predictor is the result."""

    step = steps = 0
    done = True

    def __init__(self, predictor: Predictor):
        self.predictor = predictor

    def advance(self) -> Step:
        raise StopIteration("nothing is tuned")

    def state_tensors(self) -> dict[str, Tensor]:
        return {}

    def load_tensors(self, flat: dict[str, Tensor]) -> None:
        pass

    def findings(self) -> dict[str, Tensor]:
        return {}


class PromptField(Spec):
    """Fields that every prompt shares."""

    length: int = Field(6, ge=0, le=MAX_PROMPT, description="prompt length K")
    placement: Placement = Field(Placement(), description="where the prompt stands", json_schema_extra={"advanced": True})

    @property
    def positions(self) -> int:
        return self.length


class InitField(Spec):
    """Where a free prompt starts."""

    init: Literal["one_hot", "normal", "zeros", "uniform"] = Field(
        "one_hot", description="start of the prompt vectors: random one-hot rows (the paper), normal, zeros, or uniform in [-0.5, 0.5]"
    )


def draw_starting_rows(init: str, length: int, width: int, seed: int) -> Float[Tensor, "K width"]:
    """Starting vectors of a prompt.

    Parameters
    ----------
    init
        "one_hot", "normal", "zeros" or "uniform".
    length, width
        K vectors of this width.
    seed
        Of the stream of starts.

    Returns
    -------
    [length, width]
    """
    rng = stream(seed, "prompt")
    draw = {
        "one_hot": lambda: F.one_hot(torch.from_numpy(rng.integers(width, size=length)), width).reshape(length, width),
        "normal": lambda: torch.from_numpy(rng.standard_normal((length, width))),
        "zeros": lambda: torch.zeros(length, width),
        "uniform": lambda: torch.from_numpy(rng.uniform(-0.5, 0.5, (length, width))),
    }
    return draw[init]().float()


def draw_random_tokens(length: int, vocab: int, seed: int) -> tuple[int, ...]:
    """A random hard prompt of `length` tokens from 0 to `vocab` - 1; the same seed draws the same."""
    return tuple(stream(seed, "prompt").integers(vocab, size=length).tolist())
