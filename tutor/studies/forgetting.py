"""What tuning costs elsewhere: every tuned network on all three sources, and without its prompt."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from tutor.methods import METHODS, NoTuning
from tutor.studies.checks import Check, Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, TWO_COINS, Preset
from tutor.studies.random_to_single import RandomToSingle
from tutor.studies.row_fields import fields_of_run, find, select
from tutor.studies.study import AbstractStudy


class Forgetting(AbstractStudy):
    name = "forgetting"
    title = "What tuning overwrites"
    in_short = "weight tuning overwrites, a prompt comes off again"
    claim = "Weight tuning overwrites what pretraining learned; a prompt can be taken off again and leaves the network bit-identical."
    source = f"{CITED}, evaluation of every tuned network on all three sources"

    def specs(self, preset: Preset):
        return RandomToSingle().specs(preset)

    def rows(self, preset: Preset, load):
        rows = [row for on in (SINGLE, TWO_COINS, COINS) for row in baseline_rows(COINS, on)]
        for spec in self.specs(preset):
            run = load(spec)
            rows += [regret_row(run, on) for on in (SINGLE, TWO_COINS, COINS)]
            if not spec.method.changes_weights and not isinstance(spec.method, NoTuning):
                rows.append(self._removed(run, load(spec.base())))
        return rows

    def checks(self, rows: Sequence[Row]):
        checks = []
        for body in NETWORKS:
            base = find(rows, method="none", network=body.kind, source=COINS.kind).after(50)
            checks += [
                Check(
                    f"{body.label}: {METHODS[kind].label} is worse on random coins than before, by half a nat or more",
                    find(rows, method=kind, network=body.kind, source=COINS.kind).after(50),
                    base.scaled(1.0, 0.5),
                    "above",
                    self.source + "; half a nat is our threshold",
                )
                for kind in ("full", "lora")
            ]
            checks += [
                Check(f"{body.label}: {row.method} is exactly the pretrained network", row.after(50), base, "below", self.source)
                for row in select(rows, network=body.kind, removed=True)
            ]
        return checks

    def _removed(self, run, base) -> Row:
        # Without its prompt the tuned network is the base, if and only if every weight of the base is unchanged in it.
        tuned, weights = run.predictor.state_dict(), base.predictor.state_dict()
        if not all(torch.equal(tuned[name], tensor) for name, tensor in weights.items()):
            raise ValueError(f"run {run.key} changed weights of its base {base.key}, which a prompt must not")
        row = replace(regret_row(base, COINS), key=run.key, trainable=0, seconds=0.0, fields=fields_of_run(run.spec, COINS))
        return row.labelled(f"{run.spec.method.label}, prompt removed", removed=True)
