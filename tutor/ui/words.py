"""What the words on a picture mean, in one sentence each, for whoever points at them or opens the picture's data."""

import functools
import re
from typing import Any

TERMS = {
    "regret": "The extra loss over the reference, summed over the flips.",
    "nats": "Information in units of the natural logarithm: one nat is 1.44 bits.",
    "KL": "Kullback-Leibler divergence: what is lost by predicting with one distribution where another one holds. Zero: no difference.",
    "loss": "Minus the logarithm of the probability that was given to what came next.",
    "generator": "Somebody who knows the coin of each sequence.",
    "TargetBayes": "The ideal predictor of the target: the best that anybody can do who does not know the coin.",
    "PreBayes": "The ideal predictor of the pretraining source, without a prompt.",
    "PreBayesPT": "The ideal predictor of the pretraining source behind its best hard prompt.",
    "Oracle": "Somebody who knows the coin: regret zero.",
    "ideal predictor": "Bayes' rule, computed exactly: what nobody can do better from the same flips.",
    "ideal Bayes predictor": "Bayes' rule, computed exactly: what nobody can do better from the same flips.",
    "component": "A principal component: one of the directions in which the network's states differ most, in standard deviations.",
    "variance": "How much of all differences between states lies along this component.",
    "density": "How much probability there is around each bias; the area under the curve is one.",
    "prior": "What is believed before any flip.",
    "posterior": "What is believed after the flips.",
    "hard prompt": "A prompt of whole flips, as tokens.",
    "pseudo-flips": "Flips that never happened, put in front of the data.",
    "amount of heads": "How much of the embedding of heads a prompt vector holds; one is a whole flip.",
    "amount of tails": "How much of the embedding of tails a prompt vector holds; one is a whole flip.",
    "gradient": "By how much the loss rises for each unit that a number grows.",
    "R²": "Share of the differences that a linear reading explains on sequences it has not seen; one is perfect.",
    "quartiles": "Half of the repetitions lie between them.",
    "silhouette": "How much nearer a text lies to its own group than to the next one: 1 for groups far apart, 0 for none.",
    "spreads": "One spread is how far a text lies from the centre of its own task, as a root mean square.",
    "bag of embeddings": "The mean of the embedding vectors of a text's words: no context and no order.",
    "untrained": "The same network before its first step of training.",
    "shuffled labels": "The same states, with tasks dealt to the texts by lot: what a measure says where there is nothing.",
    "cosine": "Of the angle between two vectors: 1 where they point the same way, 0 where they have nothing to do with each other.",
    "Mahalanobis distance": "How many standard deviations from the middle of the cloud, by the cloud's own shape.",
    "radii": "One radius is how far a word lies from the middle of all words, as a root mean square.",
    "effective rank": "Directions that hold 95 % of the differences between the vectors.",
    "BLEU": "How many runs of words agree with the reference, 0 to 100.",
    "density of the store": "Mean cosine of two entries' embeddings: how alike they are.",
    "embedding quality": "Share of an embedding, beside what all have in common, that is the sentence's meaning; the rest is noise.",
    "gain": "How much lower the loss is than without anything in front.",
    "store shuffled": "Every entry is found as before, but says what another one says.",
    "its constant alone": "The mean of the pipeline's vectors over all questions, in front of each of them.",
    "encoder": "Turns a question into the vector that is searched with.",
    "curator": "Reads what was found, word by word.",
    "projection": "Turns what was read into vectors of the network's space.",
    "untuned network": "States of the network on its pretraining sequences, without any prompt.",
}
"""Word as it stands on a picture -> its meaning."""


@functools.cache
def meanings() -> dict[str, str]:
    """The terms and every method and pipeline there is, by its label; longer words first, so that PreBayesPT is not read as PreBayes."""
    from tutor.methods import METHODS  # noqa: PLC0415 - loads torch, which a server that starts does not wait for
    from tutor.retrieval import PIPELINES  # noqa: PLC0415

    methods = {method.label: (method.__doc__ or "").split("\n")[0] for method in (METHODS | PIPELINES).values()}
    known = TERMS | methods
    return {word: known[word] for word in sorted(known, key=len, reverse=True)}


def words_of(drawing: Any) -> dict[str, dict[str, str]]:
    """Every text on a drawing's axes, colour bars and legend that holds words with a meaning here, and those words' meanings."""
    axes = [axis.get("title", {}).get("text", "") for name, axis in drawing.layout.items() if re.fullmatch(r"[xy]axis\d*", name)]
    bars = [trace.get("marker", {}).get("colorbar", {}).get("title", {}).get("text", "") for trace in drawing.data]
    texts = [*axes, *bars, *(str(trace.get("name", "")) for trace in drawing.data)]
    return {text: found for text in texts if (found := _found(text))}


@functools.lru_cache(maxsize=1024)
def _found(text: str) -> dict[str, str]:
    found = {}
    for word, meaning in meanings().items():
        text, times = re.subn(rf"(?<![\w+-]){re.escape(word)}(?![\w-])", " ", text, count=1)
        if times:
            found[word] = meaning
    return found
