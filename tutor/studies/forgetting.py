"""What tuning costs elsewhere: every tuned network on all three sources, and without its prompt."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Check, Row, baseline_rows, find, regret_row
from tutor.studies.presets import BODIES, CITED, COINS, SINGLE, TWO_COINS, Preset
from tutor.studies.random_to_single import RandomToSingle


class Forgetting(AbstractStudy):
    name = "forgetting"
    title = "What tuning overwrites"
    claim = "Weight tuning overwrites what pretraining learned; a prompt can be taken off again and leaves the network bit-identical."
    source = f"{CITED}, evaluation of every tuned network on all three sources"
    REMOVED = "prompt removed"

    def specs(self, preset: Preset):
        return RandomToSingle().specs(preset)

    def rows(self, preset: Preset, load):
        rows = [row for on in (SINGLE, TWO_COINS, COINS) for row in baseline_rows(COINS, on)]
        for spec in self.specs(preset):
            run = load(spec)
            rows += [regret_row(run, on) for on in (SINGLE, TWO_COINS, COINS)]
            if not spec.method.changes_weights and spec.method.label != "NoTuning":
                rows.append(self._removed(run, load(spec.base())))
        return rows

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in BODIES:
            base = find(rows, method="NoTuning", body=body, on=COINS.label).after(50)
            checks += [
                Check(
                    f"{body}: {method} is worse on random coins than before, by half a nat or more",
                    find(rows, method=method, body=body, on=COINS.label).after(50),
                    base.scaled(1.0, 0.5),
                    "above",
                    self.source + "; half a nat is our threshold",
                )
                for method in ("FullWT", "LoRAWT")
            ]
            checks += [
                Check(f"{body}: {row.method} is exactly the pretrained network", row.after(50), base, "below", self.source)
                for row in rows
                if row.body == body and self.REMOVED in row.method
            ]
        return checks

    def _removed(self, run, base) -> Row:
        # Without its prompt the tuned network is the base, if and only if every weight of the base is unchanged in it.
        tuned, weights = run.predictor.state_dict(), base.predictor.state_dict()
        if not all(torch.equal(tuned[name], tensor) for name, tensor in weights.items()):
            raise ValueError(f"run {run.key} changed weights of its base {base.key}, which a prompt must not")
        return replace(regret_row(base, COINS), method=f"{run.spec.method.label}, {self.REMOVED}", key=run.key, trainable=0, seconds=0.0)
