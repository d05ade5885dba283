"""Scenes about the vectors of soft prompts among the words of a small language model."""

from typing import Any

from tutor.methods.priors import AbstractPrior, Fitted, Words
from tutor.sources.language.typed import parse_words
from tutor.studies import FAST
from tutor.ui.labs.embeddings import anchored_prompts, embedding_views, nearest_words, tuned_vectors
from tutor.ui.run_views import cached_results
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import Scene, ScenePlace, SceneSetting

PROMPT = "73f2e5d8a5face62"
"""A soft prompt for summaries that started on real words."""
STARTS: dict[str, AbstractPrior] = {
    "random, as words lie": Fitted(),
    "real words": Words(tokens=parse_words("summary : job of town likes food", 16)),
}
VECTORS, SEED = 10, 0
MEASURES = {"loss": "loss", "score on the task": "bleu"}


def draw_prior_map(place: ScenePlace) -> dict[str, Any]:
    """Draw ten vectors among the words, drawn at random or taken from real words."""
    start = place.choose("Vectors", "start", tuple(STARTS))
    place.show(embedding_views.draw_prior_map(STARTS[start], 0, VECTORS, SEED, ()))
    return {"start": start, "vectors": VECTORS} | nearest_words.prior_facts(STARTS[start], 0, VECTORS, SEED)


def draw_tape(place: ScenePlace) -> dict[str, Any]:
    """Draw the word nearest to every vector of a prompt at a few moments of its tuning."""
    place.show(tuned_vectors.draw_tape(PROMPT, "distance"), runs=[PROMPT])
    found = tuned_vectors.token_geometry(PROMPT)
    return {"nearest": found.cosine, "by_chance": found.chance, "vectors": len(tuned_vectors.current_vectors(PROMPT))}


def draw_pulled_prompts(place: ScenePlace) -> dict[str, Any]:
    """Draw how well prompts do their task that are held near the words of a sentence, against how many of the words they read as."""
    measure, found = place.choose("Judge by", "measure", tuple(MEASURES)), cached_results.study_result("waywardness", FAST.name)
    place.show(anchored_prompts.draw_tradeoff(found, MEASURES[measure]), runs=found["keys"][:6])
    return {"measure": measure} | anchored_prompts.cheap_facts(found)


PRIOR_MAP = Scene(draw_prior_map, list_kinds(number="nearest away vectors", word="start"),
                  {"start": SceneSetting(next(iter(STARTS)), options=tuple(STARTS))})
TAPE = Scene(draw_tape, list_kinds(number="nearest by_chance vectors"), hides=frozenset({"nearest"}))
PULLED_PROMPTS = Scene(draw_pulled_prompts, list_kinds(word="measure", share="read kept"),
                       {"measure": SceneSetting("loss", options=tuple(MEASURES))})
