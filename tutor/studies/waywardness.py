"""Can a prompt do its task while it reads as something else?"""

from collections.abc import Sequence
from dataclasses import replace

import torch

from tutor import measure
from tutor.priors import Embeddings
from tutor.run import Run
from tutor.studies.base import AbstractStudy
from tutor.studies.embedding_presets import DECOYS, STRENGTHS, UNTUNED, wayward
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.presets import Preset
from tutor.studies.vectors import ends, rows_of, within_two_percent

NOTHING = "no prompt"


def cell(decoy: str, strength: float) -> str:
    """What one setting is called."""
    return f"{decoy}, strength {strength:g}"


def reads_as_decoy(run: Run, base) -> Band:
    """Share of vectors whose nearest token, by distance, is the decoy's at that place."""
    table, wanted = Embeddings(base).vocabulary, torch.tensor(run.spec.method.words)
    found = [measure.neighbours(rows, table, 1, by="distance").ids[:, 0] for rows in ends(run)]
    return Band.over([float((ids == wanted).float().mean()) for ids in found])


class Waywardness(AbstractStudy):
    name = "waywardness"
    title = "A prompt that reads as something else"
    claim = "A prompt can be as good as any while the words nearest to it are those of any sentence one likes, even of the opposite task."
    source = "Khashabi et al. 2022, abstract: within 2 % of the best while the nearest text is any chosen sentence; worse for larger models"
    metric = "loss"
    lab = "meaning"

    def specs(self, preset: Preset):
        return [UNTUNED, *(wayward(decoy, strength) for decoy in DECOYS.values() for strength in STRENGTHS)]

    def rows(self, preset: Preset, load):
        base = load(UNTUNED.base()).predictor
        found = [replace(score_row(load(UNTUNED), metric=score), method=NOTHING) for score in ("loss", "bleu")]
        for name, decoy in DECOYS.items():
            for strength in STRENGTHS:
                run = load(wayward(decoy, strength))
                found += rows_of(run, cell(name, strength), {"read": reads_as_decoy(run, base)})
        return found

    def checks(self, rows: Sequence[Row]):
        enough, checks = within_two_percent(rows, NOTHING), []
        for name in DECOYS:
            read = {strength: find(rows, method=cell(name, strength), metric="read").bands[0] for strength in STRENGTHS}
            held = [strength for strength in STRENGTHS if read[strength].q25 == 1.0] or [max(STRENGTHS)]
            loss = min((find(rows, method=cell(name, strength), metric="loss").bands[0] for strength in held), key=lambda band: band.median)
            checks += [
                Check(f"{name}: on some leash all nearest words are its", max(read.values(), key=lambda band: band.q25), Band.exactly(1.0),
                      "above", self.source),
                Check(f"{name}: on such a leash as good as the best (within 2 % of its gain)", loss, enough, "below", self.source),
            ]
        return checks
