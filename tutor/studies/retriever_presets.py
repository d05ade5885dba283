"""What the studies of retrieval share: the questions, the pipelines with their dials, and the soft prompt beside them."""

from itertools import product

from tutor.methods import NoTuning, SoftPT
from tutor.methods.retrieval import RetrieverPT
from tutor.methods.retrieval.pipeline import STAGES
from tutor.runs.spec import RunSpec, Seeds
from tutor.sources import FactQuestions
from tutor.studies.language_presets import MODEL
from tutor.training.recipe import Recipe

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


def tuning_spec(method, recipe: Recipe = RECIPE, repetitions: int = REPETITIONS, seed: int = 0) -> RunSpec:
    """Specify a tuning of the language model on questions whose facts it cannot know."""
    return MODEL.model_copy(update={"method": method, "on": ON, "tuning": recipe, "seeds": Seeds(tune=seed, repetitions=repetitions)})


def pipeline_spec(**dials) -> RunSpec:
    """Specify a retrieval pipeline in front of the language model; `dials` are fields of RetrieverPT and leave the questions unchanged."""
    return tuning_spec(RetrieverPT(**dials))


UNTUNED = tuning_spec(NoTuning(), repetitions=1)
SOFT = tuning_spec(SoftPT(length=RetrieverPT().length, init="tokens"), SOFT_RECIPE)
GOOD, DENSE = pipeline_spec(), pipeline_spec(density=DENSITIES[-1])
OTHERS = {
    "encoder from scratch": pipeline_spec(encoder="scratch"),
    "from scratch, soft retrieval": pipeline_spec(encoder="scratch", k=2000),
    "one entry": pipeline_spec(k=1),
    "a quarter outdated": pipeline_spec(fresh=0.75),
    "poor embeddings": pipeline_spec(quality=QUALITIES[-1]),
    "dense store, sharper search": pipeline_spec(density=DENSITIES[-1], temperature=0.0112),
    "good store, blunter search": pipeline_spec(temperature=0.224),
}
"""One dial turned. The last two are the control of density: what cosines differ by shrinks with the root of 1 - density, here to 0.22, so
a temperature smaller by as much undoes it, and one larger by as much does the same to a good store."""
HELD = {(name, stage): pipeline_spec(frozen=(stage,), **dials) for (name, dials), stage in
        product({"good store": {}, "dense store": {"density": DENSITIES[-1]}}.items(), STAGES)}
"""The two main pipelines with one stage held at its start."""
MAP = {(density, quality): pipeline_spec(density=density, quality=quality) for density, quality in product(DENSITIES, QUALITIES)}


def held_label(name: str, stage: str) -> str:
    """Label of the pipeline HELD[name, stage], in which one stage is not trained."""
    return f"{name}, {stage} held"


def cell_label(density: float, quality: float) -> str:
    """Label of the pipeline MAP[density, quality]."""
    return f"density {density:g}, quality {quality:g}"
