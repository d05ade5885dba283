"""A control: prompts of 25 vectors instead of six, on the target that no prompt reaches."""

from collections.abc import Sequence
from math import log

from tutor.methods import METHODS, PrefixPT, RealPT, SimplexPT, SoftPT
from tutor.studies.checks import Check, Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, TWO_COINS, Preset
from tutor.studies.row_fields import find, select
from tutor.studies.study import AbstractStudy


class LongPrefix(AbstractStudy):
    name = "long-prefix"
    title = "Twenty-five vectors instead of six"
    in_short = "25 vectors gain little over six"
    claim = "On two coins a longer prompt gains little: the length is not the bottleneck."
    source = f"{CITED}, section 4, control with a prefix of 25"

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
        checks = []
        for body in NETWORKS:
            kinds = {row.fields["method"] for row in select(rows, network=body.kind)}
            for kind in sorted(kinds, key=lambda kind: METHODS[kind].label):
                short, long = (find(rows, method=kind, network=body.kind, length=k).after(50) for k in (6, 25))
                # Half of the way from the short prompt to ln 2.
                checks.append(
                    Check(
                        f"{body.label}: {METHODS[kind].label} closes less than half of the gap when it grows from 6 to 25",
                        long,
                        short.scaled(0.5, 0.5 * log(2)),
                        "above",
                        self.source + "; half of the gap to ln 2 is our reading of marginal",
                    )
                )
        return checks
