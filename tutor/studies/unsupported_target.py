"""The second limit of the theory: a coin to which pretraining gave no probability."""

from collections.abc import Sequence

from tutor.methods import METHODS, FullWT, LoRAWT, PrefixPT, SoftPT
from tutor.sources import Categorical
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, NETWORKS, TWO_COINS, Preset, faster_recipes
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

FAIR = Categorical(probs=(0.5, 0.5))
FAR, NEAR = 0.5, 0.05
"""Nats after 50 flips above which the fair coin counts as not reached, and up to which as reached."""


class UnsupportedTarget(AbstractStudy):
    name = "unsupported-target"
    title = "A coin the network was never shown"
    in_short = "tokens cannot bring out a coin that pretraining excluded; free vectors can, in a Transformer"
    claim = (
        "A network pretrained on coins of bias 0.2 and 0.8 only gives a fair coin no prior probability. By the theory no prompt of tokens "
        "can make it predict one. Is it out of reach for prompts of free vectors too?"
    )
    source = f"{CITED}, section 3, second limitation (a substantially novel task), for prompts of tokens; for free vectors our own question"
    plan = Plan(
        primary=f"the best of SoftPT and PrefixPT, on either network, stays more than {FAR} nats from the fair coin after 50 flips",
        scope="pretrained on two coins, tuned to a fair one, within 50 flips",
        own_question=True,
        budget="10 networks of each kind: 6 core minutes",
    )
    ledger = (
        *faster_recipes("not reproduced"),
        Change("2026-11-30", "the paper's statement is about tokens; free vectors became a question of our own, and each network and "
                                   "method a check of its own; ten networks of each kind instead of one", before="not reproduced"),
    )

    def specs(self, preset: Preset):
        methods = preset.choose(preset.every_method(), (preset.hard, SoftPT(), PrefixPT(), FullWT(), LoRAWT()))
        return [preset.fewer().tuned(preset.base(body, TWO_COINS), method, FAIR) for body in NETWORKS for method in methods]

    def rows(self, preset: Preset, load):
        return [*baseline_rows(TWO_COINS, FAIR), *(regret_row(load(spec)) for spec in self.specs(preset))]

    def checks(self, rows: Sequence[Row]):
        at50 = {(body, kind): find(rows, network=body.kind, method=kind).after(50) for body in NETWORKS
                for kind in ("hard", "soft", "prefix", "full", "lora")}
        ours = "half a nat after 50 flips is our reading of not reaching"
        vectors = [value for (_, kind), value in at50.items() if kind in ("soft", "prefix")]
        return [
            Check("every prompt of free vectors, on either network, stays away from the fair coin", min(vectors), ours, low=FAR,
                  role="primary"),
            *(Check(f"{body.label}: {METHODS[kind].label} stays away from the fair coin", at50[body, kind], f"{self.source}; {ours}",
                    low=FAR)
              for body in NETWORKS for kind in ("hard", "soft", "prefix")),
            *(Check(f"{body.label}: {METHODS[kind].label} reaches the fair coin", at50[body, kind], self.source, high=NEAR)
              for body in NETWORKS for kind in ("full", "lora")),
        ]
