"""What a trained pipeline is asked: the losses of a fixed exam, also with stores that say something else."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor

from tutor.core.losses import log_loss
from tutor.core.rng import stream
from tutor.methods.retrieval.document_store import write_other_domain
from tutor.methods.retrieval.pipeline import Contents, Pipeline, embed_sentences
from tutor.predictors import Predictor
from tutor.predictors.prompt_inputs import FixedContext, NoContext
from tutor.sources import Batch
from tutor.sources.questions import FactQuestions

ABLATIONS = ("shuffled", "zeroed", "random", "other_domain")
"""Stores that say something else under the same embeddings."""
KEPT_ENTRIES = 8
"""Numbers of retrieved entries that are kept per question."""

Losses = Float[Tensor, " B"]


def answer_losses(predictor: Predictor, batch: Batch) -> Losses:
    """Log loss (nats) of each question's answer, [B]."""
    each = log_loss(batch.tokens, predictor(batch.tokens)) * batch.mask
    return each.sum(1) / batch.mask.sum(1).clamp(min=1)


def put_behind(predictor: Predictor, context: Float[Tensor, "B K D"]) -> Predictor:
    """The same network behind given vectors, one set for each question."""
    return with_context(predictor, FixedContext(context))


def with_context(predictor: Predictor, context: torch.nn.Module) -> Predictor:
    """A view of the network, weights shared, with another context."""
    other = copy.copy(predictor)
    other._modules = {**predictor._modules, "context": context}
    return other


def make_other_contents(pipeline: Pipeline, vocabulary: Float[Tensor, "V D"], name: str, seed: int) -> Contents:
    """What the store says instead: its own sentences under other embeddings, nothing, random vectors as long, or facts about towns."""
    contents, rng = pipeline.contents, stream(seed, "ablation", name)
    if name == "shuffled":
        return contents[torch.from_numpy(rng.permutation(len(contents)))]
    if name == "zeroed":
        return torch.zeros_like(contents)
    if name == "random":
        return torch.from_numpy(rng.standard_normal(contents.shape)).float() * contents.std()
    return embed_sentences(write_other_domain(len(contents), rng), vocabulary) / pipeline.spread


def ablate_store(predictor: Predictor, name: str, seed: int) -> Predictor:
    """The network with its pipeline's store ablated; nothing is trained again.

    Parameters
    ----------
    name
        One of ABLATIONS.
    seed
        Of what stands in the place of the store's content.
    """
    pipeline = copy.copy(predictor.context)
    pipeline.contents = make_other_contents(pipeline, vocabulary_of(predictor), name, seed)
    return with_context(predictor, pipeline)


def vocabulary_of(predictor: Predictor) -> Float[Tensor, "V D"]:
    """The network's embedding of every word."""
    return predictor.embed(torch.eye(predictor.vocab)).detach()


@torch.inference_mode()
def examine_pipeline(predictor: Predictor, questions: FactQuestions, *, n: int, seed: int = 0) -> dict[str, Tensor]:
    """Ask a trained pipeline questions that it was never trained on.

    Parameters
    ----------
    n, seed
        Most questions, and the seed of the ablated stores.

    Returns
    -------
    dict
        Losses [N] in nats, vectors and entries, by the names of `measure.Evidence`.
    """
    batch, pipeline = questions.held_out().exam(n), predictor.context
    queries = pipeline.encoder(batch.tokens)
    plain = with_context(predictor, NoContext(predictor.embedding))
    found = {"no_context": answer_losses(plain, batch), "pipeline": answer_losses(predictor, batch)}
    found |= {f"store_{name}": answer_losses(ablate_store(predictor, name, seed), batch) for name in ABLATIONS}
    return found | {"contexts": pipeline(batch.tokens).half(), "queries": queries.half(),
                    "retrieved": pipeline.search(queries)[1][:, :KEPT_ENTRIES].int(), "needed": batch.latent[:, 0].int()}
