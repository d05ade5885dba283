"""Can a prompt do its task while it reads as something else?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

import torch

from tutor import measure
from tutor.priors import Embeddings
from tutor.run import Run
from tutor.studies.base import AbstractStudy
from tutor.studies.embedding_presets import DECOYS, STRENGTHS, UNTUNED, free, wayward
from tutor.studies.evidence import Band, Check, Row, find, score_row
from tutor.studies.presets import Preset
from tutor.studies.vectors import almost, controls, ends, rows_of

NOTHING, FREE = "no prompt", "no leash, from real words"


def cell(decoy: str, strength: float) -> str:
    """What one setting is called."""
    return f"{decoy}, strength {strength:g}"


def reads_as_decoy(run: Run, base) -> Band:
    """Share of vectors whose nearest token, by distance, is the decoy's at that place."""
    table, wanted = Embeddings(base).vocabulary, torch.tensor(run.spec.method.words)
    found = [measure.neighbours(rows, table, 1, by="distance").ids[:, 0] for rows in ends(run)]
    return Band.over([float((ids == wanted).float().mean()) for ids in found])


def read_whole(lowest: Mapping[float, float]) -> float | None:
    """The longest leash on which, and on all shorter ones, every nearest word is the decoy's, of the lower quartile of shares by strength;
    None where there is none."""
    whole = list(takewhile(lambda strength: lowest[strength] == 1.0, sorted(lowest, reverse=True)))
    return whole[-1] if whole else None


class Waywardness(AbstractStudy):
    name = "waywardness"
    title = "A prompt that reads as something else"
    claim = "A prompt can be as good as any while the words nearest to it are those of any sentence one likes, even of the opposite task."
    source = "Khashabi et al. 2022, abstract: within 2 % of the best while the nearest text is any chosen sentence; worse for larger models"
    metric = "bleu"
    lab = "meaning"

    def specs(self, preset: Preset):
        return [UNTUNED, *map(free, DECOYS.values()), *(wayward(decoy, strength) for decoy in DECOYS.values() for strength in STRENGTHS)]

    def rows(self, preset: Preset, load):
        base = load(UNTUNED.base()).predictor
        found = [replace(score_row(load(UNTUNED), metric=score), method=NOTHING) for score in ("loss", "bleu")]
        for name, decoy in DECOYS.items():
            found += rows_of(load(free(decoy)), f"{name}, {FREE}", controls(load(free(decoy)), base))
            for strength in STRENGTHS:
                run = load(wayward(decoy, strength))
                found += rows_of(run, cell(name, strength), {"read": reads_as_decoy(run, base)} | controls(run, base))
        return found

    def checks(self, rows: Sequence[Row]):
        checks = []
        for name in DECOYS:
            read = {strength: find(rows, method=cell(name, strength), metric="read").bands[0] for strength in STRENGTHS}
            whole = read_whole({strength: band.q25 for strength, band in read.items()})
            held = max(STRENGTHS) if whole is None else whole
            on_leash, loose = (find(rows, method=method, metric="bleu").bands[0] for method in (cell(name, held), f"{name}, {FREE}"))
            checks += [
                Check(f"{name}: on some leash all nearest words are its", read[held], Band.exactly(1.0), "above", self.source),
                Check(f"{name}: on the longest such leash as good as a prompt of as many vectors without one (BLEU within 2 % of it)",
                      on_leash, almost(loose), "above", self.source),
            ]
        return checks
