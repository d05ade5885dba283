"""Tuned on 50 flips, evaluated on 200: the runs of random-to-single, read further."""

from collections.abc import Sequence

from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Check, Row, find
from tutor.studies.presets import BODIES, CITED, Preset
from tutor.studies.random_to_single import RandomToSingle


class BeyondTuningLength(AbstractStudy):
    name = "beyond-tuning-length"
    title = "Beyond the tuning length"
    claim = "Successful tuners, tuned on 50 flips, still help after 200."
    source = f"{CITED}, section 4: evaluation at four times the tuning length"

    def specs(self, preset: Preset):
        return RandomToSingle().specs(preset)

    def rows(self, preset: Preset, load):
        return RandomToSingle().rows(preset, load)

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in BODIES:
            untuned = find(rows, method="NoTuning", body=body).after(200)
            for method in ("SoftPT", "FullWT", "LoRAWT"):
                checks.append(
                    Check(
                        f"{body}: {method} keeps at least half of its advantage after 200 flips",
                        find(rows, method=method, body=body).after(200),
                        untuned.scaled(0.5),
                        "below",
                        "half of the untuned network's regret after 200 flips; the paper states robustness without a number",
                    )
                )
        return checks
