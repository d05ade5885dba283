"""The first main study (Genewein et al. 2025, Fig. 2): pretrained on random coins, tuned to one coin."""

from collections.abc import Sequence

from tutor.methods import METHODS, FullWT, LoRAWT, SimplexPT, SoftPT
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

REACHED = 0.05
"""Nats after 50 flips that still count as the optimum: a twelfth of what the best six hard tokens leave."""


class RandomToSingle(AbstractStudy):
    name = "random-to-single"
    title = "From random coins to one coin"
    in_short = "soft prompts and weights reach one coin, six hard tokens do not"
    claim = (
        "A network pretrained on random coins can be tuned to one coin by a soft prompt as well as by weights: SoftPT, FullWT and "
        "LoRAWT reach the Bayes optimum of the target, six hard tokens fall short of it."
    )
    source = f"{CITED}, section 4 and Fig. 2; SoftPT at 0.01 nats for both networks in the authors' discussion"
    paper_settings = True
    plan = Plan(
        primary=f"the worst of SoftPT, FullWT and LoRAWT, on either network, stays within {REACHED} nats of the optimum after 50 flips",
        scope="one coin of bias 0.2, an LSTM and a Transformer per seed, within 50 flips",
        budget="10 networks of each kind: 10 core minutes",
    )
    ledger = (
        Change("2026-11-21", "faster recipes for pretraining and tuning", before="reproduced"),
        Change("2026-11-21",
               "these had missed the bound on the Transformer by 0.0026 nats; tuning in smaller steps, pretraining up to 200 flips",
               before="not reproduced"),
        Change("2026-11-30",
               "ten tunings of one network became one tuning of each of ten networks; one primary check instead of ten; SimplexPT "
                             "is compared with HardPT", before="reproduced"),
    )

    def specs(self, preset: Preset):
        methods = preset.choose(preset.every_method(), (preset.hard, SimplexPT(), SoftPT(), FullWT(), LoRAWT()))
        return [preset.tuned(preset.base(body), method, SINGLE) for body in NETWORKS for method in methods]

    def rows(self, preset: Preset, load):
        return [*baseline_rows(COINS, SINGLE), *(regret_row(load(spec)) for spec in self.specs(preset))]

    def checks(self, rows: Sequence[Row]):
        def after_50(kind: str, network: str) -> float:
            return find(rows, method=kind, network=network).after(50)

        reach = {(body, kind): after_50(kind, body.kind) for body in NETWORKS for kind in ("soft", "full", "lora")}
        best = find(rows, reference="PreBayesPT").after(50)
        checks = [Check("the worst of SoftPT, FullWT and LoRAWT on both networks reaches the optimum after 50 flips", max(reach.values()),
                        f"a twelfth of what the best hard prefix leaves ({best:.2f} nats)", high=REACHED, role="primary")]
        checks += [Check(f"{body.label}: {METHODS[kind].label} reaches the optimum after 50 flips", value, self.source, high=REACHED,
                         reported=0.01 if kind == "soft" else None) for (body, kind), value in reach.items()]
        for body in NETWORKS:
            checks += [
                Check(f"{body.label}: HardPT leaves what the exact best hard prefix leaves", after_50("hard", body.kind) - best,
                      "plus or minus 0.15 nats for the network's own error", low=-0.15, high=0.15),
                Check(f"{body.label}: SimplexPT is at least as good as HardPT", after_50("simplex", body.kind) - after_50("hard",
                                                                                                                          body.kind),
                      "the simplex has the hard tokens as its corners; 0.05 nats for tuning that ends early", high=0.05),
            ]
        return checks
