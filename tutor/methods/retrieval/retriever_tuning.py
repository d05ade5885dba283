"""RetrieverPT: a whole retrieval pipeline, tuned through the frozen network as if it were a prompt."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.core.rng import seed_torch
from tutor.methods.method import AbstractGradientMethod
from tutor.methods.retrieval.document_store import MAX_SENTENCE, embed_facts
from tutor.methods.retrieval.pipeline import STAGES, Pipeline, Stage
from tutor.methods.retrieval.pipeline_training import RetrieverTraining
from tutor.methods.retrieval.retrieval_exam import vocabulary_of
from tutor.predictors import AbstractBody, Predictor
from tutor.sources import AbstractSource
from tutor.sources.language import WORDS
from tutor.sources.language.facts import Facts
from tutor.sources.questions import FactQuestions
from tutor.training.recipe import Recipe

FINELY = {"step": 0.05}


class RetrieverPT(AbstractGradientMethod):
    """Retrieval as prompt tuning: query encoder, dense store, curator and projection give K vectors per question.

    All are trained end to end through the frozen network. In the spirit of "Your Retriever Is Just Doing Prompt Tuning", whose
    own pipeline is not published.
    """

    label: ClassVar[str] = "RetrieverPT"
    in_words: ClassVar[str] = "retriever"
    kind: Literal["retriever"] = "retriever"
    length: int = Field(4, ge=1, le=16, description="vectors K in front of the question")
    facts: Facts = Field(Facts(), description="what the store holds: all facts about so many people")
    density: float = Field(0.0, ge=0, le=0.999, description="density of the store: mean cosine of two embeddings", json_schema_extra=FINELY)
    quality: float = Field(1.0, ge=0, le=1, json_schema_extra=FINELY,
                           description="embedding quality: share of it that is the sentence's meaning, the rest is noise")
    fresh: float = Field(1.0, ge=0, le=1, description="share of the entries that are still true", json_schema_extra=FINELY)
    k: int = Field(8, ge=1, le=2000, description="entries found: all of them is soft retrieval, one gives the encoder no gradient")
    temperature: float = Field(0.05, ge=0.005, le=1, description="what cosines are divided by before the softmax",
                               json_schema_extra={"advanced": True})
    encoder: Literal["store", "scratch"] = Field(
        "store", description="where the query encoder starts: as the store was embedded, or from random numbers")
    frozen: tuple[Stage, ...] = Field((), max_length=len(STAGES), description="stages that stay as they start: no gradient reaches them")
    questions: int = Field(200, ge=64, le=500, description="questions of the exam at the end", json_schema_extra={"advanced": True})

    @property
    def positions(self) -> int:
        return self.length

    def check(self, body: AbstractBody, vocab: int) -> None:
        if vocab != len(WORDS):
            raise ValueError(f"the network has {vocab} symbols; a store of sentences needs one of the tiny language, with {len(WORDS)}")

    def check_target(self, on: AbstractSource) -> None:
        if not isinstance(on, FactQuestions):
            raise ValueError(f"on is {on.label}; a retriever is tuned on questions about facts (kind questions)")
        if on.facts != self.facts:
            raise ValueError(f"on asks for other facts ({on.facts.people} people, seed {on.facts.seed}) than method.facts has "
                             f"({self.facts.people} people, seed {self.facts.seed}); both must be the same")

    def operations(self, weights: int, recipe: Recipe, vocab: int) -> float:
        read = 2.0 * recipe.batch * 5 * self.facts.people * MAX_SENTENCE * 128           # the store's sentences, mixed by their weights
        return weights * recipe.operations + 2 * read * recipe.steps

    def attach(self, base: Predictor, seed: int) -> Predictor:
        tuned = base.frozen_copy()
        store = embed_facts(self.facts, density=self.density, quality=self.quality, fresh=self.fresh, seed=seed)
        with seed_torch(seed, "pipeline"):
            tuned.context = Pipeline(store, vocabulary_of(tuned), count=self.length, k=self.k, temperature=self.temperature,
                                     scratch=self.encoder == "scratch")
        for stage in self.frozen:
            getattr(tuned.context, stage).requires_grad_(False)
        return tuned

    def start(self, base: Predictor, on: AbstractSource, recipe: Recipe, seed: int) -> RetrieverTraining:
        self.check_target(on)
        return RetrieverTraining(self.attach(base, seed), on, recipe, seed, self.questions)
