"""Does a tuned prompt belong to its network and to its order? Does every vector matter?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor.methods.priors import Embeddings, Vocabulary
from tutor.predictors import Predictor
from tutor.runs.spec import RunSpec, Seeds
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.embedding_presets import CITED, LENGTH, LONGER, OTHER, UNTUNED, soft_spec
from tutor.studies.gates import check_settled, fall_row
from tutor.studies.language_presets import MODELS, MODELS_BUDGET, replicate_spec
from tutor.studies.measured_rows import Band, Row, score_row, untrained_row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy
from tutor.studies.vector_scores import final_vectors, held_out_loss_behind, shuffle_rows

HERE = soft_spec(Vocabulary())
THERE = HERE.model_copy(update={"seeds": Seeds(pretrain=OTHER.seeds.pretrain, repetitions=3)})
"""The same tuning of the other network, a few times."""
AT_HOME, ELSEWHERE, NOTHING = "as tuned", "in the other network", "no prompt"
SHUFFLED, RANDOM, WITHOUT, OWN = "in shuffled order", "random words", "one vector left out", "the other network's own"
"""What stands in front of a summary: values of the field `prompt`."""
TRANSFERRED = 0.05
"""Of what a prompt of its own gains over random words: up to here another network's counts as no better than those."""
OWN_NETWORK, OTHER_NETWORK = "own", "other"
"""In which network, that of the prompt or the other one: values of the field `place`."""


def loss_without_each(network: Predictor, rows: Float[Tensor, "K E"]) -> Float[np.ndarray, " K"]:
    """Held-out loss (nats per token) on summaries without each of the vectors in turn."""
    return np.array([held_out_loss_behind(network, torch.cat([rows[:i], rows[i + 1:]])) for i in range(len(rows))])


class Belongs(AbstractStudy):
    name = "prompts-belong-to-their-network"
    title = "A prompt out of its place"
    in_short = "in another network they are worth no more than random words; their order matters, and most of them do"
    claim = (
        "Vectors tuned for one network are no better than random words in another that was trained on the same language; in their own "
        "network their order matters, and most of them do."
    )
    source = f"a question that readers of {CITED} ask; Su et al. 2022 find prompts of one model useless in another without a projection"
    metric = "loss"
    lab = "meaning"
    plan = Plan(
        primary=f"in another network it has at most {TRANSFERRED:.0%} of what that network's own prompt gains over random words",
        scope="six language models in a ring, summaries, ten vectors, 1,500 steps",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget=f"{MODELS_BUDGET} 2, and runs of priors-move-positions-not-quality",
        own_question=True,
    )
    ledger = (
        Change("2026-11-26", "the prompt was tuned five times instead of three", before="inconclusive"),
        Change("2026-11-30", "one primary check instead of five; no better than random words is now up to a twentieth of the gain, "
                             "about 0.4 nats per token, where it was a tenth of a nat; 1,500 steps instead of 400; "
                             "six pairs of language models instead of one", before="inconclusive"),
    )

    def specs(self, preset: Preset):
        here, there = self._pair(preset)
        return [here, there] if preset.replicates else [UNTUNED, OTHER, here, there]

    def rows(self, preset: Preset, load):
        home, away = map(load, self._pair(preset))
        here, there = (load(run.spec.base()).predictor for run in (home, away))
        vectors, words = final_vectors(home), Embeddings(here)
        measured = {
            (AT_HOME, OWN_NETWORK): [held_out_loss_behind(here, rows) for rows in vectors],
            (SHUFFLED, OWN_NETWORK): [held_out_loss_behind(here, shuffle_rows(rows, seed)) for rows in vectors for seed in range(3)],
            (WITHOUT, OWN_NETWORK): [float(loss) for rows in vectors for loss in loss_without_each(here, rows)],
            (RANDOM, OWN_NETWORK): [held_out_loss_behind(here, Vocabulary().draw(words, LENGTH, 100 + seed)) for seed in range(9)],
            (NOTHING, OWN_NETWORK): [held_out_loss_behind(here, vectors[0][:0])],
            (ELSEWHERE, OTHER_NETWORK): [held_out_loss_behind(there, rows) for rows in vectors],
            (RANDOM, OTHER_NETWORK): [
                held_out_loss_behind(there, Vocabulary().draw(Embeddings(there), LENGTH, 100 + seed)) for seed in range(9)
            ],
            (NOTHING, OTHER_NETWORK): [held_out_loss_behind(there, vectors[0][:0])],
            (OWN, OTHER_NETWORK): [held_out_loss_behind(there, rows) for rows in final_vectors(away)],
        }
        tuned, theirs = (score_row(run, metric="loss") for run in (home, away))
        like = {RANDOM: untrained_row(tuned, prompt_length=LENGTH), NOTHING: untrained_row(tuned), OWN: theirs,
                WITHOUT: replace(tuned, prompt_length=LENGTH - 1)}
        rows = [replace(like.get(prompt, tuned), bands=(Band.over(losses),), repetitions=len(losses))
                .labelled(label(prompt, place), prompt=prompt, place=place) for (prompt, place), losses in measured.items()]
        return [*rows, fall_row(home), fall_row(away)] if preset.replicates else rows

    def checks(self, rows: Sequence[Row]):
        def loss(prompt: str, place: str) -> float:
            return find(rows, prompt=prompt, place=place).value

        at_home, elsewhere = loss(AT_HOME, OWN_NETWORK), loss(ELSEWHERE, OTHER_NETWORK)
        own, words = loss(OWN, OTHER_NETWORK), loss(RANDOM, OTHER_NETWORK)
        unit, ours = "nats per token", "our reading: a tenth of a nat or more"
        return [
            Check("in the other network it is no better than random words there", (words - elsewhere) / (words - own),
                  f"{self.source}; a twentieth of what that network's own prompt gains is our margin", high=TRANSFERRED, unit="of the gain",
                  role="primary"),
            Check("the other network's own prompt does better than that", elsewhere - own, "a control", low=0.0, unit=unit),
            Check("at home it does better than random words", loss(RANDOM, OWN_NETWORK) - at_home, "a control", low=0.0, unit=unit),
            Check("in shuffled order it is worse than as tuned", loss(SHUFFLED, OWN_NETWORK) - at_home, ours, low=0.1, unit=unit),
            Check("without one vector it is worse than as tuned, for most vectors", loss(WITHOUT, OWN_NETWORK) - at_home, ours, low=0.1,
                  unit=unit),
            check_settled(rows),
        ]

    def _pair(self, preset: Preset) -> tuple[RunSpec, RunSpec]:
        """Specify the tuned prompt and its counterpart in another network, of a replication in the next of the family."""
        if not preset.replicates:
            return HERE, THERE
        return tuple(replicate_spec(HERE, preset.on_base(seed), LONGER) for seed in (preset.seed, next_model(preset.seed)))


def next_model(seed: int) -> int:
    """Seed of the language model that comes next in the family, behind the last one the first."""
    return MODELS[(MODELS.index(seed) + 1) % len(MODELS)] if seed in MODELS else seed + 1


def label(prompt: str, place: str) -> str:
    """Label of the row of a prompt in a place."""
    return f"{prompt}, other network" if place == OTHER_NETWORK and prompt in (RANDOM, NOTHING) else prompt
