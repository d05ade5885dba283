"""Before anything is built on the language model: does it read what it is told, and know nothing else?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tutor import measure
from tutor.sources import TinyLanguage
from tutor.sources.language.words import PERSON
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import LANGUAGE, MODELS, model_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import fields_of_run, find
from tutor.studies.study import AbstractStudy

UNFOUNDED = TinyLanguage(tasks=("unfounded",))
CHANCE = float(np.mean([1 / len(values) for values in PERSON.values()]))
"""Of guessing the value of an attribute that nobody has stated."""
READS, GUESSES = 0.90, 0.05
"""Share of right answers with the fact, at least, and above chance without it, at most."""


class TinyLanguageReads(AbstractStudy):
    name = "tiny-language"
    title = "The language model reads what it is told"
    in_short = "a small language model reads what it is told, and knows nothing else"
    claim = (
        "About people whom it has never met the small language model answers questions from the facts in front of it, cannot answer them "
        "without, and calculates."
    )
    source = "our own condition for building on it: 90 % with the fact, at most 5 points above chance without, 90 % of sums"
    metric = "accuracy"
    lab = "anatomy"
    plan = Plan(
        primary="the worst of four conditions is met: 90 % of questions, gaps and sums right, without the fact at most 5 points above "
                "chance",
        scope="six language models",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget="six language models: 420 core minutes, which all studies on words share",
        own_question=True,
    )
    ledger = (
        Change("2026-11-30", "one primary check instead of four; six language models instead of one", before="reproduced"),
    )

    def specs(self, preset: Preset):
        return [model_spec(preset)]

    def rows(self, preset: Preset, load):
        run = load(model_spec(preset))
        rows = [score_row(run, task) for task in LANGUAGE.related()]
        guessed = measure.accuracy(run.predictor, UNFOUNDED, n=1024)
        unfounded = replace(rows[0], on=UNFOUNDED.label, bands=(Band.exactly(guessed),), fields=fields_of_run(run.spec, UNFOUNDED))
        return [*rows, unfounded]

    def checks(self, rows: Sequence[Row]):
        def share(task: str) -> float:
            return find(rows, task=task).value

        over = {"it answers questions from the facts in front of it": share("qa") - READS,
                "it fills gaps from the facts in front of it": share("cloze") - READS,
                "it calculates sums that it has never seen": share("arithmetic") - READS,
                f"without the fact it guesses (chance is {CHANCE:.1%})": CHANCE + GUESSES - share("unfounded")}
        return [
            Check("the worst of reading, filling gaps, calculating and not knowing meets its condition", min(over.values()), self.source,
                  low=0.0, unit="", role="primary"),
            *(Check(text, value, f"{self.source}; the share above that, or below it", low=0.0, unit="") for text, value in over.items()),
        ]
