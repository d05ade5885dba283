"""Linear probes: does the state count flips and heads?"""

from collections.abc import Sequence
from fnmatch import fnmatch

from tutor import measure
from tutor.predictors import AbstractBody
from tutor.studies.checks import Band, Check, Row
from tutor.studies.presets import CITED, COINS, NETWORKS, SEEDS, Preset
from tutor.studies.row_fields import fields_of_source, find
from tutor.studies.study import AbstractStudy

QUANTITIES = {"step count": "step_r2", "heads ratio": "ratio_r2"}
"""What is read off the states, values of the field `quantity` -> where a probe has it."""
WHOLE = "state"
"""The field `tap` of the best of all taps that are the network's state."""


class SufficientStatistics(AbstractStudy):
    name = "sufficient-statistics"
    title = "The state counts"
    in_short = "step count and heads ratio can be read off the state"
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
                found = {WHOLE: main} | {tap: [[p for p in ps if p.tap == tap] for ps in probes] for tap in [p.tap for p in probes[0]]}
                rows += [
                    self._row(body, [max(getattr(p, name) for p in ps) for ps in per_seed], states=kind, tap=tap, quantity=quantity)
                    for tap, per_seed in found.items()
                    for quantity, name in QUANTITIES.items()
                ]
        return rows

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in NETWORKS:
            for quantity in QUANTITIES:
                trained, untrained = (
                    find(rows, states=kind, tap=WHOLE, network=body.kind, quantity=quantity).bands[0] for kind in ("trained", "untrained")
                )
                checks += [
                    Check(
                        f"{body.label}: the {quantity} can be read off the state",
                        trained,
                        Band.exactly(0.95),
                        "above",
                        "our threshold for holding a statistic: held-out R^2 of 0.95",
                    ),
                    Check(f"{body.label}: better than off the untrained network", trained, untrained, "above", self.source),
                ]
        return checks

    def _row(self, body: AbstractBody, values: list[float], *, states: str, tap: str, quantity: str) -> Row:
        fields = {"network": body.kind, "states": states, "tap": tap, "quantity": quantity} | fields_of_source(COINS)
        return Row(method=f"{states}: {tap}", body=body.label, on=quantity, bands=(Band.over(values),), repetitions=len(values),
                   metric=self.metric, fields=fields)
