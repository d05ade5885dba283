"""A control: width 256 and two layers."""

from collections.abc import Sequence
from dataclasses import replace
from math import log

from tutor.methods import METHODS, FullWT, LoRAWT, NoTuning, SoftPT
from tutor.methods.method import AbstractMethod
from tutor.predictors import LSTM, AbstractBody, Transformer
from tutor.runs.spec import RunSpec
from tutor.sources import AbstractSource
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, baseline_rows, regret_row
from tutor.studies.presets import CITED, COINS, NETWORKS, SINGLE, TWO_COINS, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

LARGER = LSTM(width=256, layers=2), Transformer(width=256, layers=2)
ONE_COIN, PROMPT_AWAY, WEIGHTS_NEAR = 0.06, log(2) + 0.05, 0.80
"""Nats after 50 flips: what counts as the optimum of one coin; what a prompt must stay above on two, and weights below."""
REPORTED = {("lstm", SINGLE.kind): 0.01, ("transformer", SINGLE.kind): 0.03, ("lstm", TWO_COINS.kind): 0.91,
            ("transformer", TWO_COINS.kind): 1.04}
SOFT_STEPS, LORA_RATE = 2500, 5e-3
"""What the larger Transformer needs: seven times as many steps for a soft prompt, an eighth of the rate for LoRA."""


class LargeNet(AbstractStudy):
    name = "large-net"
    title = "A larger network"
    in_short = "width 256 and two layers change nothing"
    claim = "Width 256 and two layers change nothing in the conclusions: SoftPT reaches one coin but not two, weights reach both."
    source = f"{CITED}, appendix; SoftPT at 0.01 and 0.03 (one coin), 0.91 and 1.04 nats (two coins) in the authors' discussion"
    plan = Plan(
        primary=f"on both networks SoftPT, FullWT and LoRAWT come within {ONE_COIN} nats of one coin, SoftPT stays above "
                f"{PROMPT_AWAY:.2f} nats on two, FullWT and LoRAWT come below {WEIGHTS_NEAR}: the worst of these clears its bound",
        scope="one coin and two, width 256 and two layers, within 50 flips",
        budget="10 networks of each kind: 1.5 core hours",
    )
    ledger = (Change("2026-11-30", f"SoftPT gets {SOFT_STEPS} steps and LoRAWT the rate {LORA_RATE:g} on the larger networks: those of "
                                   "the small ones left the Transformer at 0.15 nats (one coin) and 1.18 (LoRAWT, two coins); ten "
                                   "networks of each kind instead of one; one primary check instead of twelve", before="not reproduced"),)

    def specs(self, preset: Preset):
        methods = (NoTuning(), SoftPT(), FullWT(), LoRAWT())
        return [self._tuned(preset, body, method, on) for body in LARGER for on in (SINGLE, TWO_COINS)
                for method in preset.choose(methods, methods[1:])]

    def rows(self, preset: Preset, load):
        exact_rows = [*baseline_rows(COINS, SINGLE), *baseline_rows(COINS, TWO_COINS)]
        return exact_rows + [regret_row(load(spec)) for spec in self.specs(preset)]

    def checks(self, rows: Sequence[Row]):
        def after_50(body: AbstractBody, kind: str, on: AbstractSource) -> float:
            return find(rows, method=kind, network=body.kind, source=on.kind).after(50)

        kinds = ("soft", "full", "lora")
        one = {(body, kind): after_50(body, kind, SINGLE) for body in NETWORKS for kind in kinds}
        two = {(body, kind): after_50(body, kind, TWO_COINS) for body in NETWORKS for kind in kinds}
        spare = [ONE_COIN - value for value in one.values()]
        spare += [value - PROMPT_AWAY if kind == "soft" else WEIGHTS_NEAR - value for (_, kind), value in two.items()]

        def printed(body: AbstractBody, kind: str, on: AbstractSource) -> float | None:
            return REPORTED[body.kind, on.kind] if kind == "soft" else None

        return [
            Check("the statement that clears its bound by least still clears it", min(spare), self.source, low=0.0, role="primary"),
            *(Check(f"{body.label}: {METHODS[kind].label} reaches the optimum of one coin", value, self.source, high=ONE_COIN,
                    reported=printed(body, kind, SINGLE)) for (body, kind), value in one.items()),
            *(Check(f"{body.label}: SoftPT does not reach two coins", two[body, "soft"], self.source, low=PROMPT_AWAY,
                    reported=printed(body, "soft", TWO_COINS)) for body in NETWORKS),
            *(Check(f"{body.label}: {METHODS[kind].label} reaches two coins", two[body, kind], self.source, high=WEIGHTS_NEAR)
              for body in NETWORKS for kind in ("full", "lora")),
        ]

    @staticmethod
    def _tuned(preset: Preset, body: AbstractBody, method: AbstractMethod, on: AbstractSource) -> RunSpec:
        few = replace(preset, repetitions=min(3, preset.repetitions))
        spec = few.tuned(preset.base(body), method, on)
        # What is shown are runs with the settings of the small networks, until those that decide are there.
        change = {SoftPT: {"steps": SOFT_STEPS}, LoRAWT: {"learning_rate": LORA_RATE}}.get(type(method), {}) if preset.replicates else {}
        return spec.model_copy(update={"tuning": spec.tuning.model_copy(update=change)})
