"""Linear probes: does the state count flips and heads?"""

from collections.abc import Sequence
from fnmatch import fnmatch

from tutor import measure
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.presets import BODIES, CITED, COINS, NETWORKS, SEEDS, Preset


class SufficientStatistics(AbstractStudy):
    name = "sufficient-statistics"
    title = "The state counts"
    claim = (
        "After pretraining, the hidden state holds the sufficient statistics of a coin: how many flips there were and which share was "
        "heads can be read off linearly, better than from an untrained network."
    )
    source = f"{CITED}, section 4 and the authors' discussion: the first two principal components track step and heads ratio"
    metric = "r2"

    def specs(self, preset: Preset):
        return [spec for body in NETWORKS for seed in SEEDS for spec in (preset.base(body, seed=seed), preset.untrained(body, seed=seed))]

    def rows(self, preset: Preset, load):
        rows = []
        for body in NETWORKS:
            for kind, make in (("trained", preset.base), ("untrained", preset.untrained)):
                predictors = [load(make(body, seed=seed)).predictor for seed in SEEDS]
                probes = [measure.probe(predictor, COINS) for predictor in predictors]
                main = [[p for p in found if fnmatch(p.tap, predictors[0].body.state_taps)] for found in probes]
                found = {"state": main} | {tap: [[p for p in ps if p.tap == tap] for ps in probes] for tap in [p.tap for p in probes[0]]}
                rows += [
                    self._row(f"{kind}: {tap}", body.label, quantity, per_seed, field)
                    for tap, per_seed in found.items()
                    for quantity, field in (("step count", "step_r2"), ("heads ratio", "ratio_r2"))
                ]
        return rows

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in BODIES:
            for quantity in ("step count", "heads ratio"):
                trained, untrained = (
                    find(rows, method=f"{kind}: state", body=body, on=quantity).bands[0] for kind in ("trained", "untrained")
                )
                checks += [
                    Check(
                        f"{body}: the {quantity} can be read off the state",
                        trained,
                        Band.exactly(0.95),
                        "above",
                        "our threshold for holding a statistic: held-out R^2 of 0.95",
                    ),
                    Check(f"{body}: better than off the untrained network", trained, untrained, "above", self.source),
                ]
        return checks

    def _row(self, name: str, body: str, quantity: str, per_seed: list, field: str) -> Row:
        values = [max(getattr(p, field) for p in ps) for ps in per_seed]
        return Row(method=name, body=body, on=quantity, bands=(Band.over(values),), repetitions=len(values), metric=self.metric)
