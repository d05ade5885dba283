"""What every finished network is measured in: regret, exact match, sentences, held-out loss."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from tutor.measure.accuracy import accuracy
from tutor.measure.generation import generate_texts
from tutor.measure.loss import held_out_loss
from tutor.measure.measure import AbstractMeasure, AskedSource, Quantity
from tutor.measure.regret import evaluate
from tutor.predictors import Predictor
from tutor.sources import AbstractSolved

SENTENCES = 128
"""Sentences written for BLEU; each costs as many passes as it has words."""


class RegretCurves(AbstractMeasure):
    """Regret over the generator, and excess over the ideal predictor (Genewein et al. 2025, section 2)."""

    name = "regret"
    needs = "a source whose ideal predictor is known"
    curves: ClassVar = {
        "instant": Quantity("regret of every token", "nats"), "cumulative": Quantity("cumulative regret", "nats"),
        "excess": Quantity("cumulative regret over the ideal predictor", "nats"),
        "sampled": Quantity("cumulative regret from the drawn tokens alone", "nats"),
    }

    def applies(self, asked: AskedSource) -> bool:
        return isinstance(asked.on, AbstractSolved)

    def take(self, predictor: Predictor, asked: AskedSource) -> Mapping[str, np.ndarray]:
        found = evaluate(predictor, on=asked.on.held_out(), length=asked.length, n=asked.sequences, seed=asked.seed,
                         stratified=asked.stratified)
        return {name: np.ascontiguousarray(getattr(found, name)) for name in self.curves}


class ExactMatch(AbstractMeasure):
    """The share of answers that greedy decoding gets right as a whole (Petrov et al. 2024, section 5)."""

    name = "accuracy"
    needs = "a source that asks something"
    scores: ClassVar = {"accuracy": Quantity("answers without a mistake", "share, 0 to 1")}

    def applies(self, asked: AskedSource) -> bool:
        # Sequences of words are long, and there are many kinds; and a prompt can be taken off again.
        return asked.on.has_answers and (asked.is_target or isinstance(asked.on, AbstractSolved) or asked.overwritten)

    def take(self, predictor: Predictor, asked: AskedSource) -> Mapping[str, float]:
        return {"accuracy": accuracy(predictor, asked.on, n=asked.sequences, seed=asked.seed, length=asked.length)}


class SentenceScores(AbstractMeasure):
    """What the sentences are worth that a network writes by greedy decoding (Li & Liang 2021, section 5)."""

    name = "sentences"
    needs = "the target, where its answers are sentences"
    scores: ClassVar = {"bleu": Quantity("BLEU of the sentences", "0 to 100"),
                        "slots": Quantity("names and values that stand in the sentences", "share, 0 to 1")}

    def applies(self, asked: AskedSource) -> bool:
        return asked.on.writes and asked.is_target               # a sentence costs a pass per word

    def take(self, predictor: Predictor, asked: AskedSource) -> Mapping[str, float]:
        written = generate_texts(predictor, asked.on, n=min(asked.sequences, SENTENCES), seed=asked.seed)
        return {name: getattr(written, name) for name in self.scores}


class HeldOutLoss(AbstractMeasure):
    """What the predictions cost where nobody knows the ideal predictor."""

    name = "loss"
    needs = "the target, where its ideal predictor is not known"
    scores: ClassVar = {"loss": Quantity("held-out loss", "nats per asked token")}

    def applies(self, asked: AskedSource) -> bool:
        return asked.is_target and not isinstance(asked.on, AbstractSolved)

    def take(self, predictor: Predictor, asked: AskedSource) -> Mapping[str, float]:
        return {"loss": held_out_loss(predictor, asked.on, n=asked.sequences, seed=asked.seed, length=asked.length)}
