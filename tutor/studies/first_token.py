"""A real first token chooses among a vocabulary, a virtual one among everything: how many different continuations are there?"""

from collections.abc import Sequence

from tutor import measure
from tutor.studies.checks import Check
from tutor.studies.language_presets import MODEL
from tutor.studies.list_presets import CITED
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import Value, fields_of_run, find
from tutor.studies.study import AbstractStudy

VECTORS_TRIED = (60, MODEL.source.vocab, 700, 2000)
"""How many virtual tokens are tried: as many as there are real ones, fewer and more."""
SPREADS = (1.0, 3.0, 10.0)
"""Of virtual tokens, in those of the real embeddings."""
WIDER = SPREADS[1]
"""That of the claim: the least that is clearly wider than words, so that nobody picks the best afterwards."""
DRAWS = 3
WORDS = "real first tokens"
REAL, VIRTUAL = "real", "virtual"
"""Kinds of first tokens: values of the field `tokens`. Of virtual ones `tried` says how many, and `spread` how widely they were drawn."""


class FirstToken(AbstractStudy):
    name = "first-token"
    title = "What a first token can make it say"
    in_short = "virtual first tokens, drawn wider than words, say more than all real ones"
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
        words = float(measure.count_different(measure.continuations_of_words(network)))
        rows = [self._row(WORDS, [words], tokens=REAL)]
        for spread in SPREADS:
            found = [measure.continuations_of_vectors(network, measure.draw_vectors_like(network, VECTORS_TRIED[-1], draw, spread=spread))
                     for draw in range(DRAWS)]
            rows += [self._row(f"{n:,} random vectors, {spread:g} x as wide", [float(measure.count_different(one[:n])) for one in found],
                               tokens=VIRTUAL, tried=n, spread=spread) for n in VECTORS_TRIED]
        return rows

    def checks(self, rows: Sequence[Row]):
        words = find(rows, tokens=REAL).bands[0]
        many, more = (find(rows, tried=n, spread=WIDER).bands[0] for n in (VECTORS_TRIED[1], VECTORS_TRIED[-1]))
        drawn = f"drawn {WIDER:g} x as wide as words"
        return [
            Check(f"as many virtual first tokens as real ones, {drawn}, lead to more continuations", many, words, "above", self.source),
            Check(f"two thousand, {drawn}, lead to more than there are real ones", more, Band.exactly(float(VECTORS_TRIED[1])), "above",
                  self.source),
        ]

    def _row(self, label: str, counts: list[float], **fields: Value) -> Row:
        return Row(method=label, body=MODEL.body.label, on=MODEL.source.label, bands=(Band.over(counts),), metric=self.metric,
                   repetitions=len(counts), fields=fields_of_run(MODEL, MODEL.source) | fields)
