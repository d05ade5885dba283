"""Does a tuned prompt belong to its network and to its order? Does every vector matter?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tutor.predictors import Predictor
from tutor.priors import Embeddings, Vocabulary
from tutor.spec import Seeds
from tutor.studies.base import AbstractStudy
from tutor.studies.embedding_presets import CITED, LENGTH, OTHER, UNTUNED, soft
from tutor.studies.evidence import Band, Check, Row, find, of_nothing, score_row
from tutor.studies.presets import Preset
from tutor.studies.vectors import ends, losing, shuffled

HERE = soft(Vocabulary())
THERE = HERE.model_copy(update={"seeds": Seeds(pretrain=OTHER.seeds.pretrain, repetitions=3)})
"""The same tuning of the other network, a few times."""
AT_HOME, ELSEWHERE, NOTHING = "as tuned", "in the other network", "no prompt"
SHUFFLED, RANDOM, WITHOUT, OWN = "in shuffled order", "random words", "one vector left out", "the other network's own"


def left_out(network: Predictor, rows: Float[Tensor, "K E"]) -> Float[np.ndarray, " K"]:
    """The same loss without each one of the vectors."""
    return np.array([losing(network, torch.cat([rows[:i], rows[i + 1:]])) for i in range(len(rows))])


class Belongs(AbstractStudy):
    name = "prompts-belong-to-their-network"
    title = "A prompt out of its place"
    claim = (
        "Vectors tuned for one network are no better than random words in another that was trained on the same language; in their own "
        "network their order matters, and most of them do."
    )
    source = f"a question that readers of {CITED} ask; Su et al. 2022 find prompts of one model useless in another without a projection"
    metric = "loss"
    lab = "meaning"

    def specs(self, preset: Preset):
        return [UNTUNED, OTHER, HERE, THERE]

    def rows(self, preset: Preset, load):
        here, there = load(HERE.base()).predictor, load(OTHER).predictor
        vectors, words = ends(load(HERE)), Embeddings(here)
        measured = {
            AT_HOME: [losing(here, rows) for rows in vectors],
            SHUFFLED: [losing(here, shuffled(rows, seed)) for rows in vectors for seed in range(3)],
            WITHOUT: [float(loss) for rows in vectors for loss in left_out(here, rows)],
            RANDOM: [losing(here, Vocabulary().draw(words, LENGTH, 100 + seed)) for seed in range(9)],
            NOTHING: [losing(here, vectors[0][:0])],
            ELSEWHERE: [losing(there, rows) for rows in vectors],
            f"{RANDOM}, other network": [losing(there, Vocabulary().draw(Embeddings(there), LENGTH, 100 + seed)) for seed in range(9)],
            f"{NOTHING}, other network": [losing(there, vectors[0][:0])],
            OWN: [losing(there, rows) for rows in ends(load(THERE))],
        }
        tuned, theirs = (score_row(load(spec), metric="loss") for spec in (HERE, THERE))
        untuned = {name: of_nothing(tuned, prompt_length=LENGTH if name.startswith(RANDOM) else None)
                   for name in measured if name.startswith((RANDOM, NOTHING))}
        like = untuned | {WITHOUT: replace(tuned, prompt_length=LENGTH - 1), OWN: theirs}
        return [replace(like.get(name, tuned), method=name, bands=(Band.over(losses),), repetitions=len(losses))
                for name, losses in measured.items()]

    def checks(self, rows: Sequence[Row]):
        def band(method: str) -> Band:
            return find(rows, method=method).bands[0]

        return [
            Check("in the other network it is no better than random words there", band(ELSEWHERE),
                  band(f"{RANDOM}, other network").scaled(1.0, -0.1), "above", f"{self.source}; by a tenth of a nat is our reading"),
            Check("the other network's own prompt does better than that", band(OWN), band(ELSEWHERE), "below", "a control"),
            Check("at home it does better than random words", band(AT_HOME), band(RANDOM), "below", "a control"),
            Check("in shuffled order it is worse than as tuned, by a tenth of a nat or more", band(SHUFFLED),
                  band(AT_HOME).scaled(1.0, 0.1), "above", "our reading"),
            Check("without one vector it is worse than as tuned, for most vectors, by a tenth of a nat or more", band(WITHOUT),
                  band(AT_HOME).scaled(1.0, 0.1), "above", "our reading"),
        ]
