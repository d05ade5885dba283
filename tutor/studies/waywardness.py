"""Can a prompt do its task while it reads as something else?"""

from collections.abc import Mapping, Sequence
from itertools import takewhile

import torch

from tutor import measure
from tutor.methods.priors import Embeddings
from tutor.runs.run import Run
from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.embedding_presets import DECOYS, LONGER, STRENGTHS, UNTUNED, anchored_spec, cell_spec, free_spec
from tutor.studies.gates import check_settled, fall_row
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, replicate_spec
from tutor.studies.measured_rows import Band, Row, score_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy, Load
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
        primary=f"kept in the cells of its words, so that it reads as its sentence word for word, the worse of two prompts has "
                f"{AS_GOOD:.0%} of the BLEU of a free prompt that begins at the same words",
        scope="six language models, summaries, two sentences, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 45",
    )
    ledger = (
        Change("2026-11-26", "leashes of more strengths, up to where every word is held", before="not reproduced"),
        Change("2026-11-30", "one primary check instead of four; vectors are kept in the cells of their words, where a leash pulled them "
                             "onto the words, of which the claim says nothing; 1,500 steps instead of 400; six language models instead "
                             "of one", before="not reproduced"),
    )

    def specs(self, preset: Preset):
        if preset.replicates:
            return [spec for pair in self._checked_specs(preset).values() for spec in pair]
        return [
            UNTUNED,
            *map(free_spec, DECOYS.values()),
            *(anchored_spec(decoy, strength) for decoy in DECOYS.values() for strength in STRENGTHS),
        ]

    def rows(self, preset: Preset, load):
        if preset.replicates:
            return self._deciding_rows(preset, load)
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
        def value(name: str, method: str, metric: str) -> float:
            return find(rows, decoy=name, method=method, metric=metric).value

        kept = {name: value(name, "cell", "bleu") / value(name, "wayward", "bleu") for name in DECOYS}
        return [
            Check("for the worse of two sentences a prompt whose nearest words are all its is as good as a free one", min(kept.values()),
                  self.source, low=AS_GOOD, unit="of its BLEU", role="primary"),
            *(Check(f"{name}: it is as good as a prompt that may leave its words", share, self.source, low=AS_GOOD,
                    unit="of its BLEU") for name, share in kept.items()),
            check_settled(rows),
            Check("all nearest words are those of the sentence", min(value(name, "cell", "read") for name in DECOYS),
                  "what the method is for", low=1.0, unit="of the words", role="gate"),
        ]

    def _checked_specs(self, preset: Preset) -> dict[str, tuple[RunSpec, ...]]:
        """Specify by sentence the prompt in cells, and one of no strength that begins at the same words: other starts differ by more."""
        return {name: tuple(replicate_spec(spec, preset, LONGER) for spec in (cell_spec(decoy), anchored_spec(decoy, 0.0)))
                for name, decoy in DECOYS.items()}

    def _deciding_rows(self, preset: Preset, load: Load) -> list[Row]:
        rows = []
        for name, specs in self._checked_specs(preset).items():
            cell, free = map(load, specs)
            base = load(cell.spec.base()).predictor
            rows += [*score_rows(cell, name, {"read": reads_as_decoy(cell, base)}, decoy=name), *score_rows(free, name, {}, decoy=name)]
            rows += [fall_row(run).labelled(name, decoy=name) for run in (cell, free)]
        return rows
