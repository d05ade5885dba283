"""What the studies of retrieval share: the questions, the pipelines with their dials, and the soft prompt beside them."""

from itertools import product

from tutor.methods import NoTuning, SoftPT
from tutor.recipe import Recipe
from tutor.retrieval import RetrieverPT
from tutor.retrieval.pipeline import STAGES
from tutor.sources import FactQuestions
from tutor.spec import RunSpec, Seeds
from tutor.studies.language_presets import MODEL

CITED = '"Your Retriever Is Just Doing Prompt Tuning" (MultiBob)'
ON = FactQuestions()
RECIPE = Recipe(steps=500, batch=32, length=ON.natural_length, learning_rate=2e-3, warmup=0.05, cosine=True, beta2=0.98)
SOFT_RECIPE = RECIPE.model_copy(update={"learning_rate": 3e-2})
"""As many steps and questions; the learning rate is that of prompts."""
REPETITIONS = 3

DENSITIES, QUALITIES = (0.0, 0.4, 0.7, 0.85, 0.95), (1.0, 0.85, 0.7, 0.55, 0.4)
"""Of the phase map."""

THEIRS = {"pipeline": (0.20, 3_555_076), "soft prompt": (0.10, 12_288)}
"""Loss change and parameters as the source gives them, rounded."""


def tuned(method, recipe: Recipe = RECIPE, repetitions: int = REPETITIONS, seed: int = 0) -> RunSpec:
    """The language model behind something that is tuned on questions about facts that it cannot know."""
    return MODEL.model_copy(update={"method": method, "on": ON, "tuning": recipe, "seeds": Seeds(tune=seed, repetitions=repetitions)})


def pipeline(**dials) -> RunSpec:
    """The language model behind a retrieval pipeline with these dials; whatever its store, the same questions are asked."""
    return tuned(RetrieverPT(**dials))


UNTUNED = tuned(NoTuning(), repetitions=1)
SOFT = tuned(SoftPT(length=RetrieverPT().length, init="tokens"), SOFT_RECIPE)
GOOD, DENSE = pipeline(), pipeline(density=DENSITIES[-1])
OTHERS = {"encoder from scratch": pipeline(encoder="scratch"), "from scratch, soft retrieval": pipeline(encoder="scratch", k=2000),
          "one entry": pipeline(k=1), "a quarter outdated": pipeline(fresh=0.75),
          "poor embeddings": pipeline(quality=QUALITIES[-1]),
          "dense store, sharper search": pipeline(density=DENSITIES[-1], temperature=0.0112),
          "good store, blunter search": pipeline(temperature=0.224)}
"""One dial turned. The last two are the control of density: what cosines differ by shrinks with the root of 1 - density, here to 0.22, so
a temperature smaller by as much undoes it, and one larger by as much does the same to a good store."""
HELD = {(name, stage): pipeline(frozen=(stage,), **dials) for (name, dials), stage in
        product({"good store": {}, "dense store": {"density": DENSITIES[-1]}}.items(), STAGES)}
"""The two main pipelines with one stage held at its start."""
MAP = {(density, quality): pipeline(density=density, quality=quality) for density, quality in product(DENSITIES, QUALITIES)}
