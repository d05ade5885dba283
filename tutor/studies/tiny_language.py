"""Before anything is built on the language model: does it read what it is told, and know nothing else?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tutor import measure
from tutor.sources import TinyLanguage
from tutor.sources.language.words import PERSON
from tutor.studies.checks import Check
from tutor.studies.language_presets import LANGUAGE, MODEL
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import fields_of_run, find
from tutor.studies.study import AbstractStudy

UNFOUNDED = TinyLanguage(tasks=("unfounded",))
CHANCE = float(np.mean([1 / len(values) for values in PERSON.values()]))
"""Of guessing the value of an attribute that nobody has stated."""


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

    def specs(self, preset: Preset):
        return [MODEL]

    def rows(self, preset: Preset, load):
        run = load(MODEL)
        rows = [score_row(run, task) for task in LANGUAGE.related()]
        guessed = measure.accuracy(run.predictor, UNFOUNDED, n=1024)
        unfounded = replace(rows[0], on=UNFOUNDED.label, bands=(Band.exactly(guessed),), fields=fields_of_run(MODEL, UNFOUNDED))
        return [*rows, unfounded]

    def checks(self, rows: Sequence[Row]):
        of = {source.tasks[0]: source for source in LANGUAGE.related()}
        bounds = ((of["qa"], 0.90, "above", "it answers questions from the facts in front of it"),
                  (of["cloze"], 0.90, "above", "it fills gaps from the facts in front of it"),
                  (of["arithmetic"], 0.90, "above", "it calculates sums that it has never seen"),
                  (UNFOUNDED, CHANCE + 0.05, "below", f"without the fact it guesses (chance is {CHANCE:.1%})"))
        return [Check(text, find(rows, task=source.tasks[0]).bands[0], Band.exactly(bound), side, self.source)
                for source, bound, side, text in bounds]
