"""Tuned on 50 flips, evaluated on 200: the runs of random-to-single, read further."""

from collections.abc import Sequence

from tutor.methods import METHODS
from tutor.studies.checks import Check, Row
from tutor.studies.presets import CITED, NETWORKS, Preset
from tutor.studies.random_to_single import RandomToSingle
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy


class BeyondTuningLength(AbstractStudy):
    name = "beyond-tuning-length"
    title = "Beyond the tuning length"
    in_short = "tuned on 50 flips, still good after 200"
    claim = "Successful tuners, tuned on 50 flips, still help after 200."
    source = f"{CITED}, section 4: evaluation at four times the tuning length"

    def specs(self, preset: Preset):
        return RandomToSingle().specs(preset)

    def rows(self, preset: Preset, load):
        return RandomToSingle().rows(preset, load)

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in NETWORKS:
            untuned = find(rows, method="none", network=body.kind).after(200)
            for kind in ("soft", "full", "lora"):
                checks.append(
                    Check(
                        f"{body.label}: {METHODS[kind].label} keeps at least half of its advantage after 200 flips",
                        find(rows, method=kind, network=body.kind).after(200),
                        untuned.scaled(0.5),
                        "below",
                        "half of the untuned network's regret after 200 flips; the paper states robustness without a number",
                    )
                )
        return checks
