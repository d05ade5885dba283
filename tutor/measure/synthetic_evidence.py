"""A retrieval pipeline whose nature is known, small enough to be an example: real nearest neighbours, a reader in one formula.

The reader is frozen: its logits over WORDS words are noise that belongs to the question, plus what the context adds. One context vector
is constant and adds `constant` to every word that can be an answer; the other is the answer vector of the entry that was found,
and adds `content` to that answer. So `constant` alone is a soft prompt in disguise, and `content` alone is retrieval.
"""

from dataclasses import dataclass

import numpy as np

from tutor.core.rng import stream
from tutor.measure.evidence import Evidence

WORDS, ANSWERS, ENTRIES, WIDTH = 32, 8, 40, 16
NOISE = 0.3
"""Spread of the query about the key of the entry it needs, in the keys' own spread."""


@dataclass(frozen=True)
class SyntheticPipeline:
    """What the context adds to the logits, in nats, and a jitter that stands for a pipeline that adds nothing but noise."""

    constant: float = 0.0
    content: float = 0.0
    jitter: float = 0.0

    def evidence(self, examples: int = 400, seed: int = 0) -> Evidence:
        """Losses, contexts and ids of `examples` questions to a store of ENTRIES entries."""
        rng = stream(seed, "planted")
        keys, answers = rng.standard_normal((ENTRIES, WIDTH)), rng.integers(ANSWERS, size=ENTRIES)
        needed = rng.integers(ENTRIES, size=examples)
        queries = keys[needed] + NOISE * rng.standard_normal((examples, WIDTH))
        found = (queries @ keys.T - 0.5 * np.square(keys).sum(1)).argmax(1)                 # the nearest key
        plain = rng.standard_normal((examples, WORDS))
        said, others = np.eye(WORDS)[answers], np.roll(np.eye(WORDS)[answers], 1, axis=0)

        def loss(content: np.ndarray, constant: float = self.constant) -> np.ndarray:
            extra = self.jitter * rng.standard_normal((examples, WORDS))
            logits = plain + constant * (np.arange(WORDS) < ANSWERS) + self.content * content[found] + extra
            return np.logaddexp.reduce(logits, axis=1) - logits[np.arange(examples), answers[needed]]

        fixed = np.tile(self.constant * np.ones(WORDS), (examples, 1))
        varying = self.content * said[found] + self.jitter * rng.standard_normal((examples, WORDS))
        none = np.logaddexp.reduce(plain, axis=1) - plain[np.arange(examples), answers[needed]]
        stores = {"shuffled": loss(rng.permutation(said)), "zeroed": loss(np.zeros_like(said)), "other_domain": loss(others)}
        return Evidence(none, loss(said), np.stack([fixed, varying], axis=1), stores=stores, soft_prompt=loss(np.zeros_like(said)),
                        needed=needed, retrieved=found, queries=queries,
                        pipeline_parameters=ENTRIES * (WIDTH + WORDS) + WORDS, soft_prompt_parameters=WORDS)


CASES = {"retrieves": SyntheticPipeline(content=4.0, jitter=0.3), "a constant": SyntheticPipeline(constant=3.0, jitter=0.3),
         "half and half": SyntheticPipeline(constant=2.5, content=1.2, jitter=0.3), "noise": SyntheticPipeline(jitter=0.3)}
"""Natures with a name: what a diagnosis has to find out."""
