"""Scenes about two retrieval pipelines: what they find, what they gain, and what is left when their store is shuffled."""

from typing import Any

from tutor.figures import Score, score_bars
from tutor.studies.retriever_or_prompt import DENSE, GOOD
from tutor.studies.retriever_presets import DENSE as DENSE_SPEC
from tutor.studies.retriever_presets import GOOD as GOOD_SPEC
from tutor.ui.labs.retrieval import ablations, pipeline_runs
from tutor.ui.run_views import cached_results, catalog
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import Scene, ScenePlace, SceneSetting

PIPELINES = {GOOD: GOOD_SPEC.key(), DENSE: DENSE_SPEC.key()}
NAMES = tuple(PIPELINES)
QUESTIONS = 3


def _facts(name: str) -> dict[str, Any]:
    """Facts about a pipeline: what it gains and keeps, how often it finds what it needs, and how many numbers were trained."""
    key = PIPELINES[name]
    dials = catalog.find_info(key).spec.method
    trained = cached_results.load_summary(key)["trainable"]
    reports = pipeline_runs.report_facts(pipeline_runs.list_reports(key)) | pipeline_runs.size_facts(dials, trained)
    return reports | {"pipeline": name, "sharing": ablations.measure_crowding(dials).sharing}


def draw_kept_gain(place: ScenePlace) -> dict[str, Any]:
    """Draw what a pipeline gains, what is left of it with a shuffled store, and what one soft prompt gains instead."""
    name = place.choose("Pipeline", "pipeline", NAMES)
    facts = _facts(name)
    gain = facts["gain"]
    bars = {"as it is": gain}
    bars |= {} if "kept" in place.hidden else {"store shuffled": gain * facts["kept"]}
    bars |= {} if "soft_share" in place.hidden else {"one soft prompt": gain * facts["soft_share"]}
    place.show(score_bars({"gain": {bar: Score(*[value] * 3) for bar, value in bars.items()}}, measure="gain (nats)"),
               runs=[PIPELINES[name]])
    return facts


def draw_question(place: ScenePlace) -> dict[str, Any]:
    """Draw what the language model answers to one question, with and without what the pipeline found."""
    name = place.choose("Pipeline", "pipeline", NAMES)
    number = list(pipeline_runs.list_questions(PIPELINES[name]))[int(place.value("question")) - 1]
    way = pipeline_runs.follow_question(PIPELINES[name], int(number))
    place.show(pipeline_runs.draw_answers(way), runs=[PIPELINES[name]])
    return _facts(name) | {"question": pipeline_runs.list_questions(PIPELINES[name])[number], "truth": way.truth}


def draw_store_weights(place: ScenePlace) -> dict[str, Any]:
    """Draw how the weight is shared among the entries that a pipeline finds for one question."""
    name = place.choose("Pipeline", "pipeline", NAMES)
    facts = _facts(name)
    number = next(iter(pipeline_runs.list_questions(PIPELINES[name])))
    found = pipeline_runs.follow_question(PIPELINES[name], int(number)).found
    bars = {f"{'needed' if one.needed else 'entry'} {at}": Score(*[100 * float(one.weight)] * 3) for at, one in enumerate(found, 1)}
    place.show(score_bars({"weight": bars}, measure="share of the weight (%)"), runs=[PIPELINES[name]])
    return facts


_KNOWN = list_kinds(number="gain soft_numbers fewer entries stored sharing", share="kept soft_share found", word="verdict pipeline")
_PIPELINE = {"pipeline": SceneSetting(NAMES[0], options=NAMES)}
KEPT_GAIN = Scene(draw_kept_gain, _KNOWN, _PIPELINE, frozenset({"kept", "soft_share"}))
QUESTION = Scene(draw_question, _KNOWN | list_kinds(word="question truth"),
                 _PIPELINE | {"question": SceneSetting("1", options=tuple(str(n + 1) for n in range(QUESTIONS)))})
STORE_WEIGHTS = Scene(draw_store_weights, _KNOWN, _PIPELINE, frozenset({"found"}))
