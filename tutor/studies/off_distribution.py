"""Does a soft prompt take the states of a network to where no flips would take them, and a hard prompt not?"""

from collections.abc import Sequence

from tutor.measure.off_distribution import OffShares, fit_state_span, measure_off_distribution
from tutor.methods import AbstractMethod, SoftPT
from tutor.predictors import AbstractBody
from tutor.runs.run import Run
from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, Preset
from tutor.studies.row_fields import fields_of_run, find
from tutor.studies.study import AbstractStudy

PLANE, SPAN = "plane", "span"
"""Off what: values of the field `off`, and attributes of OffShares."""
WORDS = {PLANE: "off the plane", SPAN: "off the span"}
LENGTH = 50
"""Flips behind the prompt, as many as it was tuned on."""
MORE = 0.1
"""Of the squared distance from the middle of the states, by which a soft prompt must be farther off than a hard one."""


class OffDistribution(AbstractStudy):
    name = "off-distribution"
    title = "Where no flips lead"
    in_short = "a soft prompt takes a Transformer's states to where no flips would, a hard one does not"
    claim = (
        "Behind a soft prompt the states of a Transformer lie off the states that flips reach, where those behind a hard prompt do not."
    )
    source = (f"{CITED}, section 4: soft prompts are off-distribution in the Transformer, though not visibly in the LSTM; the share is our "
              "measure of it")
    metric = "share"
    plan = Plan(
        primary="in the Transformer a larger share of the squared distance from the middle of the states lies off their span (the "
                f"components with 99 % of their variance) behind a soft prompt than behind a hard one, by at least {MORE}",
        scope=f"one coin of bias 0.2, six tokens or vectors, {LENGTH} flips behind them",
        budget="the networks of random-to-single, and a core minute",
    )
    ledger = (Change("2026-12-01", "a study of its own; the share off the plane was shown beside pictures without a check, that off the "
                                   "span was not measured before the plan was fixed"),)

    def specs(self, preset: Preset):
        return [self._spec(preset, body, method) for body in NETWORKS for method in self._methods(preset)]

    def rows(self, preset: Preset, load):
        rows = []
        for body in NETWORKS:
            runs = [load(self._spec(preset, body, method)) for method in self._methods(preset)]
            longest = max(run.spec.method.length for run in runs)
            span = fit_state_span(load(runs[0].spec.base()).predictor, COINS, longest + LENGTH)
            for run in runs:
                rows += _rows(run, measure_off_distribution(span, run.predictor, SINGLE, LENGTH))
        return rows

    def checks(self, rows: Sequence[Row]):
        def share(body: AbstractBody, kind: str, off: str) -> float:
            return find(rows, network=body.kind, method=kind, off=off).value

        more = {(body, off): share(body, "soft", off) - share(body, "hard", off) for body in NETWORKS for off in WORDS}
        lstm, transformer = NETWORKS
        ours = f"{self.source}; a tenth is our reading of clearly more"
        of = "of the squared distance"
        return [
            Check("Transformer: behind a soft prompt states lie farther off the span than behind a hard one", more[transformer, SPAN], ours,
                  low=MORE, unit=of, role="primary"),
            Check("Transformer: behind a soft prompt states lie farther off the plane than behind a hard one", more[transformer, PLANE],
                  ours, low=MORE, unit=of),
            Check("LSTM: no farther off the plane, which is what a picture shows", more[lstm, PLANE],
                  f"{self.source}; a tenth is our reading of not visibly", low=-MORE, high=MORE, unit=of),
            Check("LSTM: behind a soft prompt states lie farther off the span than behind a hard one", more[lstm, SPAN],
                  "our question: what a picture does not show", low=MORE, unit=of),
            *(Check(f"{body.label}: behind a hard prompt states stay in the span", share(body, "hard", SPAN),
                    "a control of our own: it is made of flips; ten times what the span leaves out", high=0.1, unit=of)
              for body in NETWORKS),
        ]

    def _methods(self, preset: Preset) -> tuple[AbstractMethod, AbstractMethod]:
        return preset.hard, SoftPT()

    def _spec(self, preset: Preset, body: AbstractBody, method: AbstractMethod) -> RunSpec:
        """Specify the run of random-to-single: nothing is trained for this study."""
        return preset.tuned(preset.base(body), method, SINGLE)


def _rows(run: Run, shares: OffShares) -> list[Row]:
    """Make a row of each share of one network; nothing was trained for it beside the run."""
    spec = run.spec
    return [Row(method=f"{spec.method.label}, {words}", body=spec.body.label, on=SINGLE.label, bands=(Band.exactly(getattr(shares, off)),),
                trainable=run.summary["trainable"], seconds=run.summary["seconds"], key=run.key, metric=OffDistribution.metric,
                prompt_length=spec.method.length, fields=fields_of_run(spec, SINGLE) | {"off": off}) for off, words in WORDS.items()]
