"""A real first token chooses among a vocabulary, a virtual one among everything: how many different continuations are there?"""

from collections.abc import Sequence

from tutor import measure
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.language_presets import MODEL
from tutor.studies.list_presets import CITED
from tutor.studies.presets import Preset

VECTORS = 2000
SPREADS = (1.0, 3.0, 10.0)
"""Of virtual tokens, in those of the real embeddings."""
WORDS = "real first tokens"


class FirstToken(AbstractStudy):
    name = "first-token"
    title = "What a first token can make it say"
    claim = "A virtual first token makes a network say more different things than all real first tokens together."
    source = f"{CITED}, section 3; LLaMA-7B, ten tokens: 32,000 real first tokens 24,426 continuations, 48,218 trained virtual ones 46,812"
    metric = "continuations"
    lab = "attention"

    def specs(self, preset: Preset):
        return [MODEL]

    def rows(self, preset: Preset, load):
        network, counted = load(MODEL).predictor, {}
        counted[WORDS] = measure.unique_after_words(network)
        for spread in SPREADS:
            vectors = measure.vectors_like(network, VECTORS, 0, spread=spread)
            counted[f"{VECTORS:,} vectors, {spread:g} x as wide"] = measure.unique_after_vectors(network, vectors)
        return [Row(method=name, body=MODEL.body.label, on=MODEL.source.label, bands=(Band.exactly(float(n)),), metric=self.metric)
                for name, n in counted.items()]

    def checks(self, rows: Sequence[Row]):
        words = find(rows, method=WORDS).bands[0]
        most = max((row.bands[0] for row in rows if row.method != WORDS), key=lambda band: band.median)
        return [Check("virtual first tokens lead to more continuations than all real ones", most, words, "above", self.source)]
