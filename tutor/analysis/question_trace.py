"""What pages show of a retrieval pipeline: a question followed through it, its loss all around, and a store without training."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor.core.rng import seed_torch, stream
from tutor.methods.retrieval.document_store import embed_facts
from tutor.methods.retrieval.pipeline import QuestionEncoder
from tutor.methods.retrieval.retrieval_exam import ablate_store, answer_losses, put_behind, with_context
from tutor.methods.retrieval.retriever_tuning import RetrieverPT
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import NoContext
from tutor.sources.language import WORDS, decode, encode
from tutor.sources.language.words import ID
from tutor.sources.questions import LENGTH, FactQuestions, ask_about

TOP = 3
"""Likeliest words that are listed for an answer, beside the true one."""
MAX_ENTRIES = 12
"""Entries that are listed for a question; of soft retrieval these are the heaviest."""
NEIGHBOURS = 8
"""Nearest other entries of each."""


@dataclass(frozen=True)
class RetrievedEntry:
    """What was retrieved: the sentence as the store has it, its share of the weight, and whether it is the one that was needed."""

    sentence: str
    weight: float
    needed: bool


@dataclass(frozen=True)
class NextWord:
    """What the network says next: probability of the true word, and of the likeliest other words."""

    truth: float
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class QuestionTrace:
    """A question, its true answer, what was found for it, and what the network answers behind each context."""

    question: str
    truth: str
    found: tuple[RetrievedEntry, ...]
    answers: Mapping[str, NextWord]


@torch.inference_mode()
def follow_question(tuned: Predictor, questions: FactQuestions, number: int, soft: Predictor | None = None) -> QuestionTrace:
    """Follow the question for one fact through a pipeline: what is found, and what the network answers behind each context.

    Parameters
    ----------
    number
        Of the fact.
    soft
        The same network behind a soft prompt instead.

    Returns
    -------
    QuestionTrace
        The last answer is a reference: the true sentence is read before the question.

    Raises
    ------
    ValueError
        Where there is no such fact.
    """
    facts, pipeline = questions.facts.all, tuned.context
    if not 0 <= number < len(facts):
        raise ValueError(f"the question is number {number}; there are 0 to {len(facts) - 1}")
    fact, batch = facts[number], questions.asking(np.array([number]), LENGTH)
    weights, numbers = pipeline.search(pipeline.encoder(batch.tokens))
    sentences = [
        decode(word for word in pipeline.store.sentences[i].tolist() if word != ID["end"]) for i in numbers[0, :MAX_ENTRIES].tolist()
    ]
    found = tuple(RetrievedEntry(*one) for one in zip(sentences, weights[0].tolist(), (numbers[0] == number).tolist(), strict=False))
    plain, question = with_context(tuned, NoContext(tuned.embedding)), ask_about(fact)
    answers = {"without context": predict_word(plain, *question), "with the pipeline": predict_word(tuned, *question),
               "store shuffled": predict_word(ablate_store(tuned, "shuffled", 0), *question)}
    answers |= {"soft prompt instead": predict_word(soft, *question)} if soft is not None else {}
    answers["true sentence read"] = predict_word(plain, encode(fact.stated(0)) + question[0], question[1])
    return QuestionTrace(fact.question, fact.value, found, answers)


@torch.inference_mode()
def predict_word(network: Predictor, read: list[int], truth: int) -> NextWord:
    """Probabilities of the next word behind what was read: of the true one, and of the likeliest others."""
    said = network(torch.tensor([[*read, truth]]))[0, len(read)].exp()
    likely = [i for i in said.topk(TOP + 1).indices.tolist() if i != truth][:TOP]
    return NextWord(float(said[truth]), tuple((WORDS[i], float(said[i])) for i in likely))


@dataclass(frozen=True)
class LossLandscape:
    """Mean loss (nats) of held-out questions behind a * mean context + b * what each question's own context adds to it [A, B]."""

    a: Float[np.ndarray, " A"]
    b: Float[np.ndarray, " B"]
    loss: Float[np.ndarray, "A B"]


@torch.inference_mode()
def loss_landscape(tuned: Predictor, questions: FactQuestions, *, n: int = 64, points: int = 10, end: float = 1.5) -> LossLandscape:
    """The loss around a trained pipeline, as a function of how much of its mean and of each question's own part stands in front.

    (1, 1) is the pipeline, (1, 0) the same vectors for every question, (0, 0) vectors of zeros.

    Parameters
    ----------
    n
        Held-out questions; the mean context is over the same ones.
    points, end
        Points on a side of the grid, from 0 to `end`.
    """
    batch = questions.held_out().exam(n)
    context = tuned.context(batch.tokens)
    mean, along = context.mean(0), np.linspace(0, end, points)

    def row(a: float) -> list[float]:
        return [float(answer_losses(put_behind(tuned, a * mean + float(b) * (context - mean)), batch).mean()) for b in along]

    return LossLandscape(along, along, np.array([row(float(a)) for a in along]))


@dataclass(frozen=True)
class StoreCrowding:
    """How well an untrained query encoder tells the entries of a store apart.

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
def measure_crowding(dials: RetrieverPT, seed: int = 0) -> StoreCrowding:
    """Measure how a store with these settings is searched before anything is trained."""
    questions = FactQuestions(facts=dials.facts)
    batch = questions.held_out().exam(dials.questions)
    store = embed_facts(dials.facts, density=dials.density, quality=dials.quality, fresh=dials.fresh, seed=seed)
    with seed_torch(seed, "pipeline"):
        queries = QuestionEncoder(store.words, scratch=dials.encoder == "scratch")(batch.tokens)
    best = (queries @ store.keys.T).topk(min(dials.k, len(store.keys)), dim=1)
    weights, hit = (best.values / dials.temperature).softmax(1), best.indices == batch.latent
    others = (store.keys * store.keys[stream(seed, "pairs").permutation(len(store.keys))]).sum(1)
    nearest = (store.keys @ store.keys.T).fill_diagonal_(-torch.inf).topk(NEIGHBOURS, dim=1).values.flatten()
    return StoreCrowding(nearest.numpy(), others.numpy(), float(perplexity(weights).mean()),
                 float(hit.any(1).float().mean()), float(hit[:, 0].float().mean()))


def perplexity(weights: Float[Tensor, "B k"]) -> Float[Tensor, " B"]:
    """Number of equal weights that would be as even as these [B, k]: 1 for a single entry, k for k alike."""
    return torch.special.entr(weights).sum(1).exp()
