"""What pages show of a retrieval pipeline: a question followed through it, its loss all around, and a store without training."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor.predictors import Predictor
from tutor.predictors.prompts import NoContext
from tutor.retrieval.examining import behind, losses, replaced, with_context
from tutor.retrieval.method import RetrieverPT
from tutor.retrieval.pipeline import Encoder
from tutor.retrieval.store import embedded
from tutor.rng import stream, torch_seeded
from tutor.sources.language import WORDS, decode, encode
from tutor.sources.language.words import ID
from tutor.sources.questions import LENGTH, FactQuestions, asked

TOP = 3
"""Likeliest words that are told of an answer, beside the true one."""
SHOWN = 12
"""Entries that are told of a question; of soft retrieval these are the heaviest."""
NEIGHBOURS = 8
"""Nearest other entries of each."""


@dataclass(frozen=True)
class Entry:
    """What was retrieved: the sentence as the store has it, its share of the weight, and whether it is the one that was needed."""

    sentence: str
    weight: float
    needed: bool


@dataclass(frozen=True)
class Answer:
    """What the network says next: probability of the true word, and of the likeliest other words."""

    truth: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Followed:
    """A question, its true answer, what was found for it, and what the network answers behind each context."""

    question: str
    truth: str
    found: tuple[Entry, ...]
    answers: Mapping[str, Answer]


@torch.inference_mode()
def followed(tuned: Predictor, questions: FactQuestions, number: int, soft: Predictor | None = None) -> Followed:
    """Follow the question for one fact through a pipeline. ValueError where there is no such fact.

    soft: the same network behind a soft prompt instead. The last answer is a reference: the true sentence is read before the question.
    """
    facts, pipeline = questions.facts.all, tuned.context
    if not 0 <= number < len(facts):
        raise ValueError(f"the question is number {number}; there are 0 to {len(facts) - 1}")
    fact, batch = facts[number], questions.asking(np.array([number]), LENGTH)
    weights, numbers = pipeline.search(pipeline.encoder(batch.tokens))
    sentences = [decode(word for word in pipeline.store.sentences[i].tolist() if word != ID["end"]) for i in numbers[0, :SHOWN].tolist()]
    found = tuple(Entry(*one) for one in zip(sentences, weights[0].tolist(), (numbers[0] == number).tolist(), strict=False))
    plain, question = with_context(tuned, NoContext(tuned.embedding)), asked(fact)
    answers = {"without context": answer(plain, *question), "with the pipeline": answer(tuned, *question),
               "store shuffled": answer(replaced(tuned, "shuffled", 0), *question)}
    answers |= {"soft prompt instead": answer(soft, *question)} if soft is not None else {}
    answers["true sentence read"] = answer(plain, encode(fact.stated(0)) + question[0], question[1])
    return Followed(fact.question, fact.value, found, answers)


@torch.inference_mode()
def answer(network: Predictor, read: list[int], truth: int) -> Answer:
    """What a network says behind the words it has read."""
    said = network(torch.tensor([[*read, truth]]))[0, len(read)].exp()
    likely = [i for i in said.topk(TOP + 1).indices.tolist() if i != truth][:TOP]
    return Answer(float(said[truth]), tuple((WORDS[i], float(said[i])) for i in likely))


@dataclass(frozen=True)
class Surface:
    """Mean loss (nats) of held-out questions behind a * mean context + b * what each question's own context adds to it [A, B]."""

    a: Float[np.ndarray, " A"]
    b: Float[np.ndarray, " B"]
    loss: Float[np.ndarray, "A B"]


@torch.inference_mode()
def surface(tuned: Predictor, questions: FactQuestions, *, n: int = 64, points: int = 10, end: float = 1.5) -> Surface:
    """The loss around a trained pipeline; (1, 1) is the pipeline, (1, 0) the same vectors for every question, (0, 0) vectors of zeros.

    The mean is over the same n questions.
    """
    batch = questions.held_out().exam(n)
    context = tuned.context(batch.tokens)
    mean, along = context.mean(0), np.linspace(0, end, points)

    def row(a: float) -> list[float]:
        return [float(losses(behind(tuned, a * mean + float(b) * (context - mean)), batch).mean()) for b in along]

    return Surface(along, along, np.array([row(float(a)) for a in along]))


@dataclass(frozen=True)
class Crowd:
    """A store as an untrained query encoder finds it.

    nearest, others: cosine of each entry to its nearest others [M * n] and to one taken by lot [M]. sharing: how many entries share
    the weight, the exponential of its entropy, mean over questions. found, first: share of questions whose entry is among the k,
    and is the nearest.
    """

    nearest: Float[np.ndarray, " M"]
    others: Float[np.ndarray, " N"]
    sharing: float
    found: float
    first: float


@torch.inference_mode()
def crowd(dials: RetrieverPT, seed: int = 0) -> Crowd:
    """What density, quality, size, k and temperature do to a store before anything is trained."""
    questions = FactQuestions(facts=dials.facts)
    batch = questions.held_out().exam(dials.questions)
    store = embedded(dials.facts, density=dials.density, quality=dials.quality, fresh=dials.fresh, seed=seed)
    with torch_seeded(seed, "pipeline"):
        queries = Encoder(store.words, scratch=dials.encoder == "scratch")(batch.tokens)
    best = (queries @ store.keys.T).topk(min(dials.k, len(store.keys)), dim=1)
    weights, hit = (best.values / dials.temperature).softmax(1), best.indices == batch.latent
    others = (store.keys * store.keys[stream(seed, "pairs").permutation(len(store.keys))]).sum(1)
    nearest = (store.keys @ store.keys.T).fill_diagonal_(-torch.inf).topk(NEIGHBOURS, dim=1).values.flatten()
    return Crowd(nearest.numpy(), others.numpy(), float(perplexity(weights).mean()),
                 float(hit.any(1).float().mean()), float(hit[:, 0].float().mean()))


def perplexity(weights: Float[Tensor, "B k"]) -> Float[Tensor, " B"]:
    """The number of equal weights that would be as even as these: 1 for a single entry, k for k alike."""
    return torch.special.entr(weights).sum(1).exp()
