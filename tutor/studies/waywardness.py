"""Can a prompt do its task while it reads as something else?"""

from collections.abc import Mapping, Sequence
from itertools import takewhile

import torch

from tutor import measure
from tutor.methods.priors import Embeddings
from tutor.runs.run import Run
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.embedding_presets import DECOYS, STRENGTHS, UNTUNED, anchored_spec, free_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.studies.vector_scores import control_losses, final_vectors, score_rows

AS_GOOD = 0.98
"""Of a free prompt's BLEU: Khashabi et al. 2022 allow a prompt to lose 2 % on its task."""


def reads_as_decoy(run: Run, base) -> Band:
    """Share of vectors whose nearest token, by distance, is the decoy's word at that position."""
    table, wanted = Embeddings(base).vocabulary, torch.tensor(run.spec.method.words)
    found = [measure.neighbours(rows, table, 1, by="distance").ids[:, 0] for rows in final_vectors(run)]
    return Band.over([float((ids == wanted).float().mean()) for ids in found])


def weakest_full_anchor(lowest: Mapping[float, float]) -> float | None:
    """Return the smallest strength at which, and above which, all prompts read as the decoy word for word; None where there is none.

    Parameters
    ----------
    lowest
        Lower quartile, by strength, of the share of vectors that read as the decoy's words.
    """
    whole = list(takewhile(lambda strength: lowest[strength] == 1.0, sorted(lowest, reverse=True)))
    return whole[-1] if whole else None


class Waywardness(AbstractStudy):
    name = "waywardness"
    title = "A prompt that reads as something else"
    in_short = "a prompt that does its task and reads as any sentence"
    claim = "A prompt can be as good as any while the words nearest to it are those of any sentence one likes, even of the opposite task."
    source = "Khashabi et al. 2022, abstract: within 2 % of the best while the nearest text is any chosen sentence; worse for larger models"
    metric = "bleu"
    lab = "meaning"
    plan = Plan(
        primary=f"on the longest leash on which it reads as its sentence word for word, the worse of two prompts keeps {AS_GOOD:.0%} of "
                "the BLEU of a free prompt of as many vectors",
        scope="one language model, summaries, a penalty as the leash, 300 steps",
        looks=(1,),
        first_seed=0,
    )
    ledger = (
        Change("2026-11-26", "leashes of more strengths, up to where every word is held", before="not reproduced"),
        Change("2026-11-30", "one primary check instead of four; networks instead of repetitions are counted", before="not reproduced"),
    )

    def specs(self, preset: Preset):
        return [
            UNTUNED,
            *map(free_spec, DECOYS.values()),
            *(anchored_spec(decoy, strength) for decoy in DECOYS.values() for strength in STRENGTHS),
        ]

    def rows(self, preset: Preset, load):
        base = load(UNTUNED.base()).predictor
        found = [score_row(load(UNTUNED), metric=score).labelled("no prompt") for score in ("loss", "bleu")]
        for name, decoy in DECOYS.items():
            loose = load(free_spec(decoy))
            found += score_rows(loose, f"{name}, no leash, from real words", control_losses(loose, base), decoy=name)
            for strength in STRENGTHS:
                run = load(anchored_spec(decoy, strength))
                bands = {"read": reads_as_decoy(run, base)} | control_losses(run, base)
                found += score_rows(run, f"{name}, strength {strength:g}", bands, decoy=name, strength=strength)
        return found

    def checks(self, rows: Sequence[Row]):
        read, kept = {}, {}
        for name in DECOYS:
            share = {strength: find(rows, decoy=name, strength=strength, metric="read") for strength in STRENGTHS}
            whole = weakest_full_anchor({strength: row.bands[0].q25 for strength, row in share.items()})
            held = max(STRENGTHS) if whole is None else whole
            on_leash, loose = (find(rows, decoy=name, strength=strength, metric="bleu").value for strength in (held, None))
            read[name], kept[name] = share[held].value, 0.0 if whole is None else on_leash / loose
        return [
            Check("for the worse of two sentences a prompt whose nearest words are all its is as good as one without a leash",
                  min(kept.values()), self.source, low=AS_GOOD, unit="of its BLEU", role="primary"),
            *(Check(f"{name}: on some leash all nearest words are its", value, self.source, low=1.0, unit="of the words")
              for name, value in read.items()),
            *(Check(f"{name}: on the longest such leash as good as a prompt of as many vectors without one", value, self.source,
                    low=AS_GOOD, unit="of its BLEU") for name, value in kept.items()),
        ]
