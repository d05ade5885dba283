"""What tuning costs elsewhere: every tuned network on all three sources, and without its prompt."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from tutor.methods import METHODS, FullWT, LoRAWT, NoTuning, SoftPT
from tutor.predictors import AbstractBody
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, TWO_COINS, Preset, faster_recipes
from tutor.studies.row_fields import fields_of_run, find
from tutor.studies.study import AbstractStudy


class Forgetting(AbstractStudy):
    name = "forgetting"
    title = "What tuning overwrites"
    in_short = "weight tuning overwrites, a prompt comes off again"
    claim = "Weight tuning overwrites what pretraining learned; a prompt can be taken off again and leaves the network bit-identical."
    source = f"{CITED}, evaluation of every tuned network on all three sources"

    paper_settings = True
    plan = Plan(
        primary="of FullWT and LoRAWT on either network even the one that forgets least is half a nat worse on random coins than before",
        scope="tuned to one coin of bias 0.2, measured on random coins, within 50 flips",
        budget="the networks of random-to-single",
    )
    ledger = (
        *faster_recipes("reproduced"),
        Change("2026-11-30", "one network of each kind became ten; one primary check instead of sixteen", before="reproduced"),
    )

    def specs(self, preset: Preset):
        methods = preset.choose(preset.every_method(), (NoTuning(), SoftPT(), FullWT(), LoRAWT()))
        return [preset.tuned(preset.base(body), method, SINGLE) for body in NETWORKS for method in methods]

    def rows(self, preset: Preset, load):
        rows = [row for on in (SINGLE, TWO_COINS, COINS) for row in baseline_rows(COINS, on)]
        for spec in self.specs(preset):
            run = load(spec)
            rows += [regret_row(run, on) for on in (SINGLE, TWO_COINS, COINS)]
            if not spec.method.changes_weights and not isinstance(spec.method, NoTuning):
                rows.append(self._removed(run, load(spec.base())))
        return rows

    def checks(self, rows: Sequence[Row]):
        def after_50(body: AbstractBody, **wanted) -> float:
            return find(rows, network=body.kind, source=COINS.kind, **wanted).after(50)

        before = {body: after_50(body, method="none") for body in NETWORKS}
        more = {(body, kind): after_50(body, method=kind) - before[body] for body in NETWORKS for kind in ("full", "lora")}
        half = f"{self.source}; half a nat is our threshold"
        return [
            Check("the weight tuning that forgets least is worse on random coins than before, by half a nat or more", min(more.values()),
                  half,
                  low=0.5, role="primary"),
            *(Check(f"{body.label}: {METHODS[kind].label} is worse on random coins than before, by half a nat or more", value, half,
                    low=0.5)
              for (body, kind), value in more.items()),
            *(Check(f"{body.label}: without its soft prompt it is exactly the pretrained network",
                    after_50(body, method="soft", removed=True) - before[body], self.source, low=0.0, high=0.0) for body in NETWORKS),
        ]

    def _removed(self, run, base) -> Row:
        # Without its prompt the tuned network is the base, if and only if every weight of the base is unchanged in it.
        tuned, weights = run.predictor.state_dict(), base.predictor.state_dict()
        if not all(torch.equal(tuned[name], tensor) for name, tensor in weights.items()):
            raise ValueError(f"run {run.key} changed weights of its base {base.key}, which a prompt must not")
        row = replace(regret_row(base, COINS), key=run.key, trainable=0, seconds=0.0, fields=fields_of_run(run.spec, COINS))
        return row.labelled(f"{run.spec.method.label}, prompt removed", removed=True)
