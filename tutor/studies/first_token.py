"""A real first token chooses among a vocabulary, a virtual one among everything: how many different continuations are there?"""

from collections.abc import Sequence

from tutor import measure
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import MODEL, MODELS, MODELS_BUDGET, model_spec
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
    plan = Plan(
        primary="drawn three times as wide as words, as many virtual first tokens as real ones lead to more continuations than those, and "
                "two thousand to more than there are real ones; a direction needs no margin",
        scope="six language models, ten tokens",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 15",
    )
    ledger = (
        Change("2026-11-26", "as many virtual tokens as real ones are compared, not two thousand; more of them became a check of its own",
               before="reproduced"),
        Change("2026-11-26", "at most two thousand virtual tokens instead of four thousand", before="reproduced"),
        Change("2026-11-26", "the width of the draws was fixed instead of the best of three being picked", before="reproduced"),
        Change("2026-11-30", "one primary check instead of two; six language models instead of one", before="reproduced"),
    )

    def specs(self, preset: Preset):
        return [model_spec(preset)]

    def rows(self, preset: Preset, load):
        network = load(model_spec(preset)).predictor
        words = float(measure.count_different(measure.continuations_of_words(network)))
        rows = [self._row(WORDS, [words], tokens=REAL)]
        for spread in preset.choose(SPREADS, (WIDER,)):
            found = [measure.continuations_of_vectors(network, measure.draw_vectors_like(network, VECTORS_TRIED[-1], draw, spread=spread))
                     for draw in preset.choose(range(DRAWS), (preset.seed,))]
            rows += [self._row(f"{n:,} random vectors, {spread:g} x as wide", [float(measure.count_different(one[:n])) for one in found],
                               tokens=VIRTUAL, tried=n, spread=spread) for n in VECTORS_TRIED]
        return rows

    def checks(self, rows: Sequence[Row]):
        words = find(rows, tokens=REAL).value
        many, more = (find(rows, tried=n, spread=WIDER).value for n in (VECTORS_TRIED[1], VECTORS_TRIED[-1]))
        drawn = f"drawn {WIDER:g} x as wide as words"
        return [
            Check("virtual first tokens lead to more continuations: as many than all real ones, two thousand than there are real ones",
                  min(many / words, more / VECTORS_TRIED[1]), self.source, low=1.0, unit="", role="primary"),
            Check(f"as many virtual first tokens as real ones, {drawn}, lead to more continuations", many / words, self.source, low=1.0,
                  unit="of those of real ones"),
            Check(f"two thousand, {drawn}, lead to more than there are real ones", more / VECTORS_TRIED[1], self.source, low=1.0,
                  unit="of the vocabulary"),
        ]

    def _row(self, label: str, counts: list[float], **fields: Value) -> Row:
        return Row(method=label, body=MODEL.body.label, on=MODEL.source.label, bands=(Band.over(counts),), metric=self.metric,
                   repetitions=len(counts), fields=fields_of_run(MODEL, MODEL.source) | fields)
