"""Baselines that tune nothing: the network as it is, and the network behind a random prefix."""

from typing import ClassVar, Literal

from tutor.methods.method import AbstractMethod, FinishedTuning, PromptField, draw_random_tokens
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import HardPrompt


class NoTuning(AbstractMethod):
    """The base network without any prompt."""

    label: ClassVar[str] = "NoTuning"
    in_words: ClassVar[str] = "untuned network"
    recipe_free: ClassVar[bool] = True
    is_control: ClassVar[bool] = True
    kind: Literal["none"] = "none"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        return base.frozen_copy()

    def start(self, base, on, recipe, seed):
        return FinishedTuning(self.attach(base, seed))


class RandomPF(PromptField, AbstractMethod):
    """A random hard prefix, untuned: the control that says what a prefix does merely by being there."""

    label: ClassVar[str] = "RandomPF"
    in_words: ClassVar[str] = "random prompt"
    recipe_free: ClassVar[bool] = True
    is_control: ClassVar[bool] = True
    kind: Literal["random"] = "random"

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        tuned.token_prompt = HardPrompt(draw_random_tokens(self.length, base.vocab, seed), base.vocab)
        tuned.placement = self.placement
        return tuned

    def start(self, base, on, recipe, seed):
        return FinishedTuning(self.attach(base, seed))
