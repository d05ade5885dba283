"""A control: prompts of 25 vectors instead of six, on the target that no prompt reaches."""

from collections.abc import Sequence
from math import log

from tutor.methods import METHODS, PrefixPT, RealPT, SimplexPT, SoftPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, TWO_COINS, Preset, faster_recipes
from tutor.studies.row_fields import find, select
from tutor.studies.study import AbstractStudy


class LongPrefix(AbstractStudy):
    name = "long-prefix"
    title = "Twenty-five vectors instead of six"
    in_short = "25 vectors gain little over six"
    claim = "On two coins a longer prompt gains little: the length is not the bottleneck."
    source = f"{CITED}, section 4, control with a prefix of 25"
    plan = Plan(
        primary="no prompt method closes half of its gap to ln 2 when it grows from 6 to 25 vectors, on either network",
        scope="two coins of bias 0.2 and 0.8, an LSTM and a Transformer per seed, within 50 flips",
        budget="10 networks of each kind: 8 core minutes",
    )
    ledger = (
        *faster_recipes("reproduced"),
        Change("2026-11-30", "one network of each kind became ten; one primary check, the largest share closed, instead of seven",
                     before="reproduced"),
    )

    def specs(self, preset: Preset):
        specs = []
        for body in NETWORKS:
            for length in (6, 25):
                methods = [SimplexPT(length=length), RealPT(length=length), SoftPT(length=length)]
                # The recurrent prefix is a state and has no length to vary.
                methods += [PrefixPT(length=length)] if body.prefix_has_length else []
                specs += [preset.fewer().tuned(preset.base(body), method, TWO_COINS) for method in methods]
        return specs

    def rows(self, preset: Preset, load):
        return [*baseline_rows(COINS, TWO_COINS), *(regret_row(load(spec)) for spec in self.specs(preset))]

    def checks(self, rows: Sequence[Row]):
        closed = {}
        for body in NETWORKS:
            kinds = {row.fields["method"] for row in select(rows, network=body.kind)}
            for kind in sorted(kinds, key=lambda kind: METHODS[kind].label):
                short, long = (find(rows, method=kind, network=body.kind, length=k).after(50) for k in (6, 25))
                closed[body, kind] = (short - long) / (short - log(2))
        half = f"{self.source}; half of the gap to ln 2 is our reading of marginal"
        return [
            Check("the prompt that gains most closes less than half of its gap", max(closed.values()), half, high=0.5, unit="of the gap",
                  role="primary"),
            *(Check(f"{body.label}: {METHODS[kind].label} closes less than half of its gap when it grows from 6 to 25", value, half,
                    high=0.5,
                    unit="of the gap") for (body, kind), value in closed.items()),
        ]
