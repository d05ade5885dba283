"""Scenes about what tuning reaches: the loss that each way of tuning leaves, after fifty flips and flip by flip."""

from typing import Any

import numpy as np

from tutor.figures import Curve, Score, regret_curves, score_bars
from tutor.runs.spec import RunSpec
from tutor.studies import FAST, STUDIES
from tutor.ui.run_views import cached_results, run_comparison
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import Scene, ScenePlace, SceneSetting

AFTER = 50
NETWORKS = ("LSTM", "Transformer")
WHAT = {"untrained": "untrained", "two coins": "random-to-mixture", "one coin": "random-to-single"}
"""What a step can compare -> the study whose runs are shown."""
NAMES = {"NoTuning": "without tuning", "HardPT": "six flips", "SoftPT": "soft prompt", "FullWT": "all weights"}
"""Method -> what it is called here. Six vectors each, where there are vectors."""
FACTS = {"NoTuning": "notuning", "HardPT": "hard", "SoftPT": "soft", "FullWT": "weights"}
MEASURES = {"summed": "cumulative", "each flip": "instant"}


def _runs(what: str, network: str) -> dict[str, RunSpec]:
    """The finished runs of a study on one network, by method."""
    specs = [spec for spec in STUDIES[WHAT[what]].specs(FAST) if spec.is_tuning and spec.body.label == network]
    found = {spec.method.label: spec for spec in run_comparison.finished_runs(specs).values()}
    return {method: found[method] for method in NAMES if method in found}


def _losses(specs: dict[str, RunSpec]) -> dict[str, np.ndarray]:
    """Regret (nats) after AFTER flips of each repetition, by method."""
    return {method: cached_results.regret_curve(spec.key(), spec.on).at(AFTER) for method, spec in specs.items()}


def _facts(specs: dict[str, RunSpec]) -> dict[str, Any]:
    optimum = cached_results.optimal_regret(next(iter(specs.values())).on)
    return {FACTS[method]: float(np.median(lost)) for method, lost in _losses(specs).items()} | {"optimum": optimum}


def draw_tuned_loss(place: ScenePlace) -> dict[str, Any]:
    """Draw a bar per way of tuning: what the network has lost after fifty flips, beside what is possible."""
    network, what = place.choose("Network", "network", NETWORKS), place.value("what")
    specs = _runs(what, network)
    bars = {NAMES[method]: Score(*np.quantile(lost, (0.5, 0.25, 0.75)).tolist()) for method, lost in _losses(specs).items()
            if FACTS[method] not in place.hidden}
    facts = _facts(specs)
    place.show(score_bars({"lost": bars}, measure=f"lost after {AFTER} flips (nats)", marks={"best possible": facts["optimum"]}))
    return facts | {"network": network, "what": what}


def draw_loss_per_flip(place: ScenePlace) -> dict[str, Any]:
    """Draw the regret of each way of tuning over the flips, summed or of each flip."""
    measure, network = place.choose("Loss", "measure", tuple(MEASURES)), place.value("network")
    specs = _runs(place.value("what"), network)
    curves = [cached_results.regret_curve(spec.key(), spec.on, measure=MEASURES[measure]) for spec in specs.values()]
    named = [Curve(NAMES[method], curve.values[:, :AFTER], of=curve.of) for method, curve in zip(specs, curves, strict=True)]
    picture = regret_curves(named, measure=MEASURES[measure], thin_lines=False)
    picture.drawing.y(title={"text": "lost so far (nats)" if measure == "summed" else "lost at each flip (nats)"})
    place.show(picture)
    return _facts(specs) | {"network": network, "measure": measure}


_SETTINGS = {"what": SceneSetting("two coins", options=tuple(WHAT)), "network": SceneSetting(NETWORKS[0], options=NETWORKS)}
_KNOWN = list_kinds(number="notuning hard soft weights optimum", word="network")
TUNED_LOSS = Scene(draw_tuned_loss, _KNOWN | list_kinds(word="what"), _SETTINGS, frozenset({"soft", "weights"}))
LOSS_PER_FLIP = Scene(draw_loss_per_flip, _KNOWN | list_kinds(word="measure"),
                      _SETTINGS | {"measure": SceneSetting("summed", options=tuple(MEASURES))})
