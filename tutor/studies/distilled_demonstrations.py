"""Demonstrations in the context of a language model, and a prefix that was taught to take their place."""

from collections.abc import Sequence

from tutor import measure
from tutor.methods import DistilledPT
from tutor.predictors import Predictor
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.gates import check_settled
from tutor.studies.language_presets import CITED, MODELS, MODELS_BUDGET, PREFIX, TABLE, model_spec, replicate_spec, score_rows, tuning_spec
from tutor.studies.measured_rows import Band, Row, untrained_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import PRETRAINED, find
from tutor.studies.study import AbstractStudy

TASK = TABLE.model_copy(update={"styles": (1,)})
"""One of five ways to tell a table that the model knows: a demonstration says which one is meant."""
METHOD = DistilledPT(length=5)
"""Five rows per layer in the place of one demonstration of about forty words."""
RECIPE = PREFIX.model_copy(update={"steps": 1500})
MARGIN, TOLD = 2.0, 10.0
"""BLEU that the prefix may lose, and BLEU at least by which a demonstration must help, else there is nothing to distil."""
WRITTEN = 128
"""Tables told without tuning."""


class DistilledDemonstrations(AbstractStudy):
    name = "distilled-demonstrations"
    title = "A demonstration distilled into a prefix"
    in_short = "five vectors per layer, taught by the model itself, take the place of a demonstration"
    claim = (
        "A prefix that learns nothing but what the network predicts with a demonstration in its context tells tables as well without the "
        "demonstration as the network does with one."
    )
    source = f"our own question; {CITED}, section 1, set prefixes beside demonstrations in the context"
    metric = "bleu"
    lab = "anatomy"
    plan = Plan(
        primary=f"a prefix of five rows distilled from one demonstration loses at most {MARGIN:g} BLEU against the untuned network with a "
                "demonstration in front",
        scope="six language models, one of five known ways to tell a table, one demonstration, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        own_question=True,
        budget=f"{MODELS_BUDGET} 20",
    )
    ledger = (Change("2026-12-01", "a study of its own; its plan was fixed before any prefix of it was trained"),)

    def specs(self, preset: Preset):
        return [model_spec(preset), replicate_spec(tuning_spec(METHOD, TASK, repetitions=1), preset, RECIPE)]

    def rows(self, preset: Preset, load):
        model, tuned = self.specs(preset)
        rows = [row.labelled(METHOD.in_words, shown=0) for row in score_rows(load(tuned), preset)]
        return [*rows, *in_context_rows(load(model).predictor, rows[0])]

    def checks(self, rows: Sequence[Row]):
        def bleu(method: str, shown: int) -> float:
            return find(rows, method=method, shown=shown, metric="bleu").value

        distilled, without, one = bleu(METHOD.kind, 0), bleu(PRETRAINED, 0), bleu(PRETRAINED, 1)
        return [
            Check("the distilled prefix tells tables as well as a demonstration in front", distilled - one,
                  f"{self.source}; two BLEU are our margin", low=-MARGIN, unit="BLEU", role="primary"),
            Check("it tells them better than the network with nothing in front", distilled - without, "a control of our own", low=0.0,
                  unit="BLEU"),
            Check("a demonstration helps the network", one - without, "else there is nothing to distil; ten BLEU are our reading", low=TOLD,
                  unit="BLEU", role="gate"),
            check_settled(rows),
        ]


def in_context_rows(network: Predictor, like: Row) -> list[Row]:
    """Make the rows of the untuned network with no demonstration and with one in its context: BLEU of what it writes."""
    labels = {0: "untuned, nothing in front", 1: "untuned, one demonstration in front"}
    written = {shown: measure.generate_texts(network, TASK, n=WRITTEN, before=shown) for shown in labels}
    return [untrained_row(like, repetitions=1, metric="bleu", bands=(Band.exactly(texts.bleu),))
            .labelled(labels[shown], method=PRETRAINED, shown=shown) for shown, texts in written.items()]
