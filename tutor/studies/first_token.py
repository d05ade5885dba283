"""A real first token chooses among a vocabulary, a virtual one among everything: how many different continuations are there?"""

from collections.abc import Sequence

from tutor import measure
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.language_presets import MODEL
from tutor.studies.list_presets import CITED
from tutor.studies.presets import Preset

TRIED = (60, MODEL.source.vocab, 700, 2000)
"""How many virtual tokens are tried: as many as there are real ones, fewer and more."""
SPREADS = (1.0, 3.0, 10.0)
"""Of virtual tokens, in those of the real embeddings."""
WIDER = SPREADS[1]
"""That of the claim: the least that is clearly wider than words, so that nobody picks the best afterwards."""
DRAWS = 3
WORDS = "real first tokens"


def tried(n: int, spread: float) -> str:
    """What a number of virtual tokens is called."""
    return f"{n:,} random vectors, {spread:g} x as wide"


class FirstToken(AbstractStudy):
    name = "first-token"
    title = "What a first token can make it say"
    claim = (
        "As many virtual first tokens as there are real ones, drawn wider than words, make a network say more different things, and with "
        "more of them there are ever more, where real ones end with the vocabulary."
    )
    source = (
        f"{CITED}, section 3; LLaMA-7B, ten tokens: 32,000 real first tokens 24,426 continuations, 48,218 virtual ones, each trained for a "
        "continuation of its own, 46,812"
    )
    metric = "continuations"
    lab = "attention"

    def specs(self, preset: Preset):
        return [MODEL]

    def rows(self, preset: Preset, load):
        network = load(MODEL).predictor
        counted = {WORDS: Band.exactly(float(measure.different(measure.continuations_of_words(network))))}
        for spread in SPREADS:
            found = [measure.continuations_of_vectors(network, measure.vectors_like(network, TRIED[-1], draw, spread=spread))
                     for draw in range(DRAWS)]
            counted |= {tried(n, spread): Band.over([float(measure.different(one[:n])) for one in found]) for n in TRIED}
        return [Row(method=name, body=MODEL.body.label, on=MODEL.source.label, bands=(band,), metric=self.metric,
                    repetitions=1 if name == WORDS else DRAWS) for name, band in counted.items()]

    def checks(self, rows: Sequence[Row]):
        words, many, more = (find(rows, method=name).bands[0] for name in (WORDS, *(tried(n, WIDER) for n in (TRIED[1], TRIED[-1]))))
        drawn = f"drawn {WIDER:g} x as wide as words"
        return [
            Check(f"as many virtual first tokens as real ones, {drawn}, lead to more continuations", many, words, "above", self.source),
            Check(f"two thousand, {drawn}, lead to more than there are real ones", more, Band.exactly(float(TRIED[1])), "above",
                  self.source),
        ]
