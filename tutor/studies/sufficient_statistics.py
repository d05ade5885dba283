"""Principal components and linear probes: does the state count flips and heads?"""

from collections.abc import Sequence
from fnmatch import fnmatch

from tutor import measure
from tutor.measure.state_plane import measure_state_plane
from tutor.predictors import AbstractBody, Predictor
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import CITED, COINS, NETWORKS, Preset, faster_recipes
from tutor.studies.row_fields import Value, fields_of_source, find
from tutor.studies.study import AbstractStudy

QUANTITIES = {"step count": "step_r2", "heads ratio": "ratio_r2"}
"""What is read off the states, values of the field `quantity` -> where a probe has it."""
IN_PLANE = {"step count": "step_r2", "heads minus tails": "balance_r2"}
"""The same for the plane of the first two principal components."""
ON_FIRST = {"step count": "steps_on", "heads minus tails": "balance_on"}
"""The same for the first component alone."""
WHOLE, PLANE, FIRST = "state", "two components", "first component"
"""The field `tap` of the best of all taps that are the network's state, and of what a PCA keeps of it."""
HALF = "half of the variance is our reading of tracking; the paper prints no number"


class SufficientStatistics(AbstractStudy):
    name = "sufficient-statistics"
    title = "The state counts"
    in_short = "two components of the state tell step count and heads minus tails"
    claim = (
        "After pretraining, the first two principal components of the hidden state track the sufficient statistics of a coin: how many "
        "flips there were, and how many more heads than tails."
    )
    source = f"{CITED}, section 4 and the authors' discussion: the first two principal components track step and heads ratio"
    metric = "r2"
    plan = Plan(
        primary="of step count and heads minus tails, on either network, the plane of the first two components tells even the worse one "
                "with an R^2 of at least 0.5 on held-out sequences",
        scope="random coins, 50 flips, an LSTM and a Transformer per seed",
        budget="the networks of random-to-single",
    )
    ledger = (
        *faster_recipes("inconclusive"),
        Change("2026-11-30",
               "probes of all dimensions became the plane of two components, as the paper has it: an untrained network of width 128 "
                             "already allows one to read both statistics off (R^2 0.998); three networks of each kind became ten",
               before="inconclusive"),
    )

    def specs(self, preset: Preset):
        return [spec for body in NETWORKS for seed in preset.seeds
                for spec in (preset.base(body, seed=seed), preset.untrained(body, seed=seed))]

    def rows(self, preset: Preset, load):
        rows = []
        for body in NETWORKS:
            for kind, make in (("trained", preset.base), ("untrained", preset.untrained)):
                predictors = [load(make(body, seed=seed)).predictor for seed in preset.seeds]
                rows += self._plane_rows(body, predictors, kind)
                rows += [] if preset.replicates else self._probe_rows(body, predictors, kind)
        return rows

    def checks(self, rows: Sequence[Row]):
        def told(body: AbstractBody, quantity: str, states: str = "trained", tap: str = PLANE) -> float:
            return find(rows, states=states, tap=tap, network=body.kind, quantity=quantity).value

        tracked = {(body, quantity): told(body, quantity) for body in NETWORKS for quantity in IN_PLANE}
        return [
            Check("two components tell even the statistic that they tell worse", min(tracked.values()), HALF, low=0.5, unit="R^2",
                  role="primary"),
            *(Check(f"{body.label}: two components tell the {quantity}", value, HALF, low=0.5, unit="R^2")
              for (body, quantity), value in tracked.items()),
            *(Check(f"{body.label}: they tell the {quantity} better than those of the untrained network",
                    value - told(body, quantity, "untrained"), "a control of our own", low=0.0, unit="R^2")
              for (body, quantity), value in tracked.items()),
            *(Check(f"{body.label}: the first component is the one that follows the step count", told(body, "step count", tap=FIRST)
                    - told(body, "heads minus tails", tap=FIRST), f"{CITED}, the authors' discussion", low=0.0, unit="R^2")
              for body in NETWORKS),
        ]

    def _plane_rows(self, body: AbstractBody, predictors: Sequence[Predictor], kind: str) -> list[Row]:
        planes = [measure_state_plane(predictor, COINS) for predictor in predictors]
        found = [(PLANE, quantity, [getattr(plane, name) for plane in planes]) for quantity, name in IN_PLANE.items()]
        found += [(FIRST, quantity, [getattr(plane, name)[0] for plane in planes]) for quantity, name in ON_FIRST.items()]
        return [self._row(body, values, states=kind, tap=tap, quantity=quantity) for tap, quantity, values in found]

    def _probe_rows(self, body: AbstractBody, predictors: Sequence[Predictor], kind: str) -> list[Row]:
        """Held-out R^2 of linear probes of all dimensions, at every tap: what the untrained network shows as well."""
        probes = [measure.probe(predictor, COINS) for predictor in predictors]
        main = [[p for p in found if fnmatch(p.tap, predictors[0].body.state_taps)] for found in probes]
        at = {WHOLE: main} | {tap: [[p for p in ps if p.tap == tap] for ps in probes] for tap in [p.tap for p in probes[0]]}
        return [self._row(body, [max(getattr(p, name) for p in ps) for ps in per_seed], states=kind, tap=tap, quantity=quantity)
                for tap, per_seed in at.items() for quantity, name in QUANTITIES.items()]

    def _row(self, body: AbstractBody, values: Sequence[float], **fields: Value) -> Row:
        fields |= {"network": body.kind} | fields_of_source(COINS)
        return Row(method=f"{fields['states']}: {fields['tap']}", body=body.label, on=str(fields["quantity"]), bands=(Band.over(values),),
                   repetitions=len(values), metric=self.metric, fields=fields)
